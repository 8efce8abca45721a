# Completion of anyio-codemod for fish. It asks the program that is being typed, so it never grows old.
function __anyio_codemod_fits
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l lines ($program completion --words fish $words "$typed" 2>/dev/null)
    if test (count $lines) -eq 0
        __fish_complete_path "$typed"
    else if test "$lines" != :
        printf '%s\n' $lines
    end
end
complete -c anyio-codemod -f -k -a '(__anyio_codemod_fits)'
