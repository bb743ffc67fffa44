# Prints what zsh would offer for a line: capture.zsh SCRIPT LINE. A real zsh in a pseudo terminal, with compadd looked at.
# The way of asking is that of zsh-capture-completion (Valodim, MIT).
zmodload zsh/zpty || { echo 'error: no zpty'; exit 1 }
zpty z zsh -f -i
() {
  zpty -w z "source $1"
  zpty -r z REPLY '*ready*'
} =( <<< '
PROMPT=
autoload -Uz compinit; compinit -u -D
bindkey "^M" undefined; bindkey "^J" undefined; bindkey "^I" complete-word
null-line () { echo -E - $'"'\0'"' }
compprefuncs=( null-line ); comppostfuncs=( null-line exit )
zstyle ":completion:*" insert-tab false
zstyle ":completion:*" list-separator ""
compadd () {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return $?; fi
  typeset -a __hits
  builtin compadd -A __hits "$@"
  local hit; for hit in $__hits; do echo -E - "$hit"; done
}
source '"$1"'
echo ready')
zpty -w z "$2"$'\t'
integer tog=0
while zpty -r z; do :; done | while IFS= read -r line; do
  if [[ $line == *$'\0\r' ]]; then (( tog++ )) && break || continue; fi
  (( tog )) && echo -E - ${line%$'\r'}
done
zpty -d z
