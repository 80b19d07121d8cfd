package decode

import "golang.org/x/sys/cpu"

// hasMarks tells whether this processor has what marks needs (Intel from Ice Lake on, AMD from Zen 4).
var hasMarks = cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512VBMI2 && cpu.X86.HasBMI2 && cpu.X86.HasPOPCNT &&
	cpu.X86.HasPCLMULQDQ

// marks copies the n bytes of a value to the scratch, 1 <= n <= flatBytes, with at least pad zeros behind them, and in the
// same pass finds the marks, ascending: the first byte, all ':' and ',' outside of strings, and the last byte.
//
// Their count is not -1 only where the value has no backslash, control character or byte of 0x80 and more, and
//   - every second mark is a colon, and no other;
//   - behind each of the others but the last stands a quote (which opens a string, the name);
//   - behind each closing quote stands a mark;
//   - none of its 64-byte pieces has more than 32 marks.
//
// Where it is -1, neither the scratch nor at means anything. It writes at most flatBytes+127 bytes of the scratch.
//
//go:noescape
func marks(at *uint16, scratch, value *byte, n int) (count int)
