#include "textflag.h"

// ':' 3a and ',' 2c by their low four bits. No byte equals 0xff here, since VPSHUFB gives 0 for bytes of 0x80 and more.
DATA kinds<>+0(SB)/8, $0xffffffffffffffff
DATA kinds<>+8(SB)/8, $0xffffff2cff3affff
GLOBL kinds<>(SB), RODATA|NOPTR, $16

DATA iota<>+0(SB)/8, $0x0706050403020100
DATA iota<>+8(SB)/8, $0x0f0e0d0c0b0a0908
DATA iota<>+16(SB)/8, $0x1716151413121110
DATA iota<>+24(SB)/8, $0x1f1e1d1c1b1a1918
DATA iota<>+32(SB)/8, $0x2726252423222120
DATA iota<>+40(SB)/8, $0x2f2e2d2c2b2a2928
DATA iota<>+48(SB)/8, $0x3736353433323130
DATA iota<>+56(SB)/8, $0x3f3e3d3c3b3a3938
GLOBL iota<>(SB), RODATA|NOPTR, $64

// func marks(at *uint16, scratch, value *byte, n int) (count int)
//
// 64 bytes a step: load (a masked load faults on no byte behind the value), store to the scratch, compare, then as 64-bit
// masks: which bytes are inside of strings (prefix xor of the quotes by a carry-less product), the marks outside of them,
// and whether names, strings and marks stand as in a flat object. A mask moved up by one place takes its lowest bit from the
// step before.
//
//	AX quotes  BX bytes of the value  R8 marks  R9 wrong  R10 inside  R11 next place of a mark
//	DI all ones where the step before ended inside of a string  R14 the last byte, then free  R12 R13 R15 free
//	first-8(SP) the first byte  parity-16(SP) as DI, of an odd number of marks  odd-24(SP) closed-32(SP) lowest bits
TEXT ·marks(SB), NOSPLIT, $32-40
	MOVQ at+0(FP), R11
	MOVQ scratch+8(FP), DX
	MOVQ value+16(FP), SI
	MOVQ n+24(FP), CX

	VBROADCASTI32X4 kinds<>(SB), Z16
	VMOVDQU64 iota<>(SB), Z17
	MOVL $0x22, AX
	VPBROADCASTB AX, Z18
	MOVL $0x5c, AX
	VPBROADCASTB AX, Z19
	MOVL $0x20, AX
	VPBROADCASTB AX, Z20
	MOVL $0x60, AX
	VPBROADCASTB AX, Z21
	MOVL $64, AX
	VPBROADCASTW AX, Z22
	MOVL $0x3a, AX
	VPBROADCASTB AX, Z24
	VPXORQ Z23, Z23, Z23 // position of the step, in every word
	VPCMPEQB X9, X9, X9
	KXORQ K6, K6, K6     // bytes that are not plain
	XORL R9, R9
	XORL DI, DI
	MOVQ DI, parity-16(SP)
	MOVQ DI, odd-24(SP)
	MOVQ DI, closed-32(SP)
	MOVQ $1, AX
	MOVQ AX, first-8(SP)

step:
	MOVQ $-1, BX
	XORL R14, R14
	CMPQ CX, $64
	JGT whole
	BZHIQ CX, BX, BX
	MOVQ BX, R14
	SHRQ $1, R14
	XORQ BX, R14
whole:
	PREFETCHT0 1152(SI) // the records behind this one, which nothing else loads across pages
	KMOVQ BX, K1
	VMOVDQU8.Z (SI), K1, Z0
	VMOVDQU64 Z0, (DX)
	VPCMPEQB Z18, Z0, K2
	VPSHUFB Z0, Z16, Z2
	VPCMPEQB Z0, Z2, K5
	VPCMPEQB Z24, Z0, K7
	VPSUBB Z20, Z0, Z1
	VPCMPUB $5, Z21, Z1, K1, K3 // below 0x20, or 0x80 and more
	VPCMPEQB Z19, Z0, K4
	KORQ K3, K6, K6
	KORQ K4, K6, K6

	KMOVQ K2, AX
	KMOVQ K5, R8
	KMOVQ K7, R15
	VMOVQ AX, X8
	VPCLMULQDQ $0, X9, X8, X8
	VMOVQ X8, R10
	XORQ DI, R10 // inside: from an opening quote to before its closing one
	MOVQ R10, DI
	SARQ $63, DI
	ANDNQ R8, R10, R8
	ORQ R14, R8
	ORQ first-8(SP), R8 // marks
	MOVQ $0, first-8(SP)

	// Every even mark is a colon, and no odd one.
	VMOVQ R8, X8
	VPCLMULQDQ $0, X9, X8, X8
	VMOVQ X8, R13
	XORQ parity-16(SP), R13 // up to here an odd number of marks
	MOVQ R13, R14
	SARQ $63, R14
	MOVQ R14, parity-16(SP)
	ANDNQ R15, R10, R15 // colons
	ANDQ R8, R13        // odd marks
	XORQ R13, R15
	XORQ R8, R15
	ORQ R15, R9

	// Behind an odd mark but the last stands a quote. (Outside of a string it opens one.)
	LEAQ (R13)(R13*1), R15
	ORQ odd-24(SP), R15
	SHRQ $63, R13
	MOVQ R13, odd-24(SP)
	ANDQ BX, R15
	ANDNQ R15, AX, R15
	ORQ R15, R9

	// Behind a closing quote stands a mark.
	ANDNQ AX, R10, R13
	LEAQ (R13)(R13*1), R15
	ORQ closed-32(SP), R15
	SHRQ $63, R13
	MOVQ R13, closed-32(SP)
	ANDNQ R15, R8, R15
	ORQ R15, R9

	POPCNTQ R8, R12
	CMPQ R12, $32 // as many as one step can write
	JGT odd
	KMOVQ R8, K5
	VPCOMPRESSB.Z Z17, K5, Z3
	VPMOVZXBW Y3, Z3
	VPADDW Z23, Z3, Z3
	VMOVDQU64 Z3, (R11)
	LEAQ (R11)(R12*2), R11
	VPADDW Z22, Z23, Z23
	ADDQ $64, SI
	ADDQ $64, DX
	SUBQ $64, CX
	JG step

	VPXORQ Z0, Z0, Z0
	VMOVDQU64 Z0, (DX)
	KMOVQ K6, AX
	ORQ DI, AX
	ORQ R9, AX
	JNZ odd
	VZEROUPPER
	SUBQ at+0(FP), R11
	SHRQ $1, R11
	MOVQ R11, count+32(FP)
	RET

odd:
	VZEROUPPER
	MOVQ $-1, count+32(FP)
	RET
