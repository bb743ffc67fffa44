/**
 * What a hostile server, name server, certificate or saved file may say. Each line does something somewhere: on a terminal, in XML, in
 * HTML, in Markdown, in a spreadsheet, in a monitor, in a shell, or to the reader's eye.
 */
export const HOSTILE: Readonly<Record<string, string>> = {
  'ANSI CSI and OSC': '\u001b[2J\u001b[H\u001b]0;owned\u0007\u001b]8;;http://evil.example\u0007click\u001b]8;;\u0007',
  'C1 controls': '\u009b31m\u009d0;owned\u009c\u0085\u0090q\u009c',
  'BEL, BS, DEL, FF': '\u0007\u0008\u007f\u000c\u000b',
  'CR and LF': 'one\r\nOK - all is well | total=1ms\n</system-out>\r\n\r\n# Heading\n/close',
  'bidi overrides': 'gpj.\u202egnp.exe\u202c \u2066isolated\u2069\u200e\u200f\u061c',
  NUL: 'a\u0000b',
  'lone surrogates': '\ud800 and \udc00',
  'XML forbids': '\ufffe\uffff\u0001',
  'invisible ink': 'zero\u200bwidth\ufeff\u00ad\u2028\u2029\u{e0041}\u3164no\u00a0break',
  'stacked marks': `e${'\u0301'.repeat(200)}`,
  'end of CDATA': ']]>]]&gt;<![CDATA[',
  'end of a comment': '--><!-- --!> <!',
  'an element': '<script>alert(1)</script><img src=x onerror=alert(1)><x-evil>',
  'ends of our own': '</p></li></title></style></details></pre></failure></testsuites><x-evil>',
  'end of an attribute': '" onmouseover="alert(1)" x=\' onclick=\'alert(1)\' `x` ><x-evil y="',
  'entities and processing': '&lt;x-evil&gt; &#60;x-evil&#62; &evil; <?php x ?> <!DOCTYPE x [<!ENTITY e "x">]> &e;',
  'a script by URL': 'javascript:alert(1) data:text/html,<x-evil> vbscript:x',
  links:
    '[click](javascript:alert(1)) ![i](http://evil.example/i) <http://evil.example> [r][1] http://evil.example www.evil.example',
  'a mention': '@everyone @admin please /close #1 !2',
  'Markdown all over': '**b** _i_ ~~s~~ `c` # h > q - l 1. o | a | b | --- \\ $x$ [^1] :smile: {{x}} {% x %}',
  fences: '``` \n```\n~~~\n`````` </details>',
  Mermaid: '"]:::failed; click dns href "javascript:alert(1)" %%{init: {"securityLevel":"loose"}}%% end --> x["',
  'a pipe': 'x | total=0ms;;;0 ||',
  'a shell': '$(reboot) `reboot` ; reboot & reboot > /etc/passwd < x $HOME ~ \\',
  'formulas +': "+cmd|' /C calc'!A0",
  'formulas =': '=HYPERLINK("http://evil.example","x")',
  'formulas - and @': '-2+3 @SUM(1)',
  styles: '}</style><style>*{background:url(http://evil.example)}',
  'prototype words': '__proto__ constructor toString hasOwnProperty',
  'very long': 'x'.repeat(20_000),
  'very long, many words': 'word '.repeat(4000),
  'wide and long': '\u65e5\u672c\u8a9e'.repeat(3000),
  blanks: ' '.repeat(500),
  nothing: '',
};

/** All of them at once, as far as one text can hold them. */
export const ALL_HOSTILE: string = Object.entries(HOSTILE)
  .filter(([, text]) => text.length < 1000)
  .map(([, text]) => text)
  .join(' ');

/** What may stand in no text that could reach a terminal: anything but visible characters, blanks and line feeds. */
export const ACTIVE = /[^\P{C}\n]|[\u2028\u2029]|[^\P{Zs} ]/u;
