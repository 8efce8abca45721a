# Completion of anyio-codemod for bash. It asks the program that is being typed, so it never grows
# old. In the bash 3.2 of macOS, which has no compopt, a path is completed where nothing fits.
_anyio_codemod() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ $line == : ]]; then
            compopt +o default 2>/dev/null
        else
            COMPREPLY+=("$line")
        fi
    done < <("${1/#\~/$HOME}" completion --words bash "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _anyio_codemod anyio-codemod
