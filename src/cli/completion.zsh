#compdef anyio-codemod
# Completion of anyio-codemod for zsh. It asks the program that is being typed, so it never grows old.
_anyio_codemod() {
    local -a lines
    lines=("${(@f)$(${~words[1]} completion --words zsh "${(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
    if [[ -z "$lines" ]]; then
        _files
    elif [[ "$lines" != : ]]; then
        _describe -V 'anyio-codemod' lines
    else
        return 1
    fi
}
if [[ "${zsh_eval_context[-1]}" == loadautofunc ]]; then
    _anyio_codemod "$@"
else
    compdef _anyio_codemod anyio-codemod
fi
