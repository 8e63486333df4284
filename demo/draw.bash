# Draws packets, given as strings of hexadecimal digits, as boxes in boxes. Colour only on a terminal and without
# NO_COLOR (no-color.org); lines instead of +-| only where the locale has them.
# shellcheck shell=bash disable=SC2034

bold='' dim='' plain='' blue='' green='' yellow=''
if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m' blue=$'\e[36m' green=$'\e[32m' yellow=$'\e[33m'
fi

line=- side='|' corners=(+ + + +)
glyph=│
if ((${#glyph} == 1)); then line=─ side=$glyph corners=(┌ ┐ └ ┘); fi

readonly indent='         ' widest=100

# Is the module there? Then the reader should know that it is not what does the work.
kernel_says() {
  if [[ -d /sys/module/ipip ]]; then
    echo "The kernel ($(uname -r)) has its own ipip module; it stays out of this."
  else
    echo "The kernel ($(uname -r)) has no ipip module loaded, and needs none."
  fi
}

byte() { echo "$((16#${1:$2 * 2:2}))"; }                        # byte PACKET OFFSET
word() { echo "$((16#${1:$2 * 2:4}))"; }                        # word PACKET OFFSET: 16 bits, big-endian
address() { echo "$(byte "$1" "$2").$(byte "$1" $(($2 + 1))).$(byte "$1" $(($2 + 2))).$(byte "$1" $(($2 + 3)))"; }
spaced() { sed 's/../& /g; s/ $//' <<<"$1"; }                   # 4500 -> 45 00
text() { printf %b "$(sed 's/../\\x&/g' <<<"$1")" | tr -c '[:print:]' .; }
repeat() { local i; for ((i = 0; i < $2; i++)); do printf %s "$1"; done; }

# box WIDTH COLOUR TITLE SIZE: frames the lines of standard input, each of which is WIDTH - 4 wide at most.
box() {
  local width=$1 colour=$2 title=$3 size=$4 text visible
  printf '%s%s%s %s %s %s %s%s\n' "$colour" "${corners[0]}" "$line" "$title" \
    "$(repeat "$line" $((width - 8 - ${#title} - ${#size})))" "$size" "$line${corners[1]}" "$plain"
  while IFS= read -r text; do
    visible=$(sed 's/\x1b\[[0-9;]*m//g' <<<"$text")
    printf '%s%s%s %s%s %s%s%s\n' "$colour" "$side" "$plain" "$text" "$(repeat ' ' $((width - 4 - ${#visible})))" \
      "$colour" "$side" "$plain"
  done
  printf '%s%s%s%s%s\n' "$colour" "${corners[2]}" "$(repeat "$line" $((width - 2)))" "${corners[3]}" "$plain"
}

# draw_packet PACKET TITLE COLOUR: an IPv4 packet with all that is in it.
draw_packet() { nested "$1" "$2" "$3" "$((widest - ${#indent}))" | sed "s/^/$indent/"; }

nested() {
  local packet=$1 title=$2 colour=$3 width=$4 header payload protocol fragment df=''
  header=$((($(byte "$packet" 0) & 15) * 4)) protocol=$(byte "$packet" 9) fragment=$(word "$packet" 6)
  payload=${packet:header * 2}
  if ((fragment & 0x4000)); then df='  DF'; fi
  {
    printf '%s > %s   protocol %d (%s)\n' "$(address "$packet" 12)" "$(address "$packet" 16)" "$protocol" "$(protocol "$protocol")"
    printf 'total length %d  tos 0x%02x  ttl %d  id %d%s  checksum 0x%04x\n' "$(word "$packet" 2)" "$(byte "$packet" 1)" \
      "$(byte "$packet" 8)" "$(word "$packet" 4)" "$df" "$(word "$packet" 10)"
    case $protocol in
      1) icmp "$payload" "$((width - 4))" ;;
      4) nested "$payload" "inner IPv4" "$blue" "$((width - 4))" ;;
    esac
  } | box "$width" "$colour" "$title" "$header + $((${#payload} / 2)) bytes"
}

protocol() { case $1 in 1) echo ICMP ;; 4) echo "IP in IP" ;; 6) echo TCP ;; 17) echo UDP ;; *) echo other ;; esac; }

# ping's message: 8 bytes of header, the time it was sent (16 bytes), then its pattern.
icmp() {
  local message=$1 kind
  case $(byte "$message" 0) in 8) kind="echo request" ;; 0) kind="echo reply" ;; *) kind="type $(byte "$message" 0)" ;; esac
  printf 'id %d  seq %d   "%s"\n' "$(word "$message" 4)" "$(word "$message" 6)" "$(text "${message:48}")" |
    box "$2" "$dim" "ICMP $kind" "8 + $((${#message} / 2 - 8)) bytes"
}

# draw_hex PACKET: its IPv4 header byte by byte, each field over its name.
draw_hex() {
  local at=0 field size name bytes upper='' lower=''
  for field in 1:ver/len 1:tos 2:length 2:id 2:flags 1:ttl 1:proto 2:checksum 4:source 4:destination; do
    size=${field%%:*} name=${field#*:}
    bytes=$(spaced "${1:at * 2:size * 2}")
    printf -v upper '%s%-*s' "$upper" "$((${#bytes} > ${#name} ? ${#bytes} + 2 : ${#name} + 2))" "$bytes"
    printf -v lower '%s%-*s' "$lower" "$((${#bytes} > ${#name} ? ${#bytes} + 2 : ${#name} + 2))" "$name"
    ((at += size))
  done
  printf '%s%s\n%s%s%s%s\n' "$indent" "$upper" "$indent" "$dim" "$lower" "$plain"
}
