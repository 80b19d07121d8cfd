package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// craft seals n test records at a base offset.
func craft(t testing.TB, codec Codec, base int64, n int) []byte {
	t.Helper()
	e, err := NewEncoder(codec)
	require.NoError(t, err)
	for i := range n {
		e.Append(order(int(base) + i))
	}
	sealed, err := e.seal(-1, -1, -1)
	require.NoError(t, err)
	b := bytes.Clone(sealed[4:])
	binary.BigEndian.PutUint64(b, uint64(base))
	return b
}

// reseal gives a changed batch its length and checksum.
func reseal(b []byte) []byte {
	binary.BigEndian.PutUint32(b[8:], uint32(len(b)-batchPrefix))
	binary.BigEndian.PutUint32(b[17:], crc32.Checksum(b[crcFrom:], castagnoli()))
	return b
}

// around puts a payload of count records under a header at base offset 0.
func around(codec Codec, payload []byte, count int32) []byte {
	b := make([]byte, batchOverhead, batchOverhead+len(payload))
	b[16] = 2
	b[22] = byte(codec)
	binary.BigEndian.PutUint32(b[23:], uint32(count-1))
	binary.BigEndian.PutUint64(b[43:], ^uint64(0))
	binary.BigEndian.PutUint32(b[57:], uint32(count))
	return reseal(append(b, payload...))
}

func readAll(from int64, bytes []byte, aborted ...abortedTxn) ([]int64, *cursor) {
	c := newCursor(topic, 0)
	c.open(from, bytes, aborted)
	var offsets []int64
	for c.next() {
		offsets = append(offsets, c.rec.Offset)
	}
	c.unpack.close()
	return offsets, c
}

func TestEmptyBatchesArePassed(t *testing.T) {
	var b []byte
	for base := int64(0); base < 40; base += 10 { // four compacted batches of ten offsets in a row
		empty := craft(t, None, base, 10)[:batchOverhead]
		binary.BigEndian.PutUint32(empty[57:], 0)
		b = append(b, reseal(empty)...)
	}
	offsets, c := readAll(3, b)
	require.NoError(t, c.err)
	assert.Empty(t, offsets)
	assert.EqualValues(t, 40, c.position)
	assert.EqualValues(t, 30, c.tail.BaseOffset)
	offsets, c = readAll(0, append(b, craft(t, Zstd, 41, 2)...))
	require.NoError(t, c.err)
	assert.Equal(t, []int64{41, 42}, offsets)
	assert.EqualValues(t, 43, c.position)
}

func TestPartialLastBatchWaits(t *testing.T) {
	first, second := craft(t, LZ4, 0, 5), craft(t, LZ4, 5, 5)
	both := append(bytes.Clone(first), second...)
	for cut := len(first); cut < len(both); cut++ {
		offsets, c := readAll(0, both[:cut])
		require.NoError(t, c.err)
		require.Len(t, offsets, 5)
		require.EqualValues(t, 5, c.position)
	}
}

func TestFlippedByteIsSeen(t *testing.T) {
	good := craft(t, None, 3, 3)
	for i := crcFrom; i < len(good); i += 7 {
		bad := bytes.Clone(good)
		bad[i] ^= 0x10
		offsets, c := readAll(3, append(craft(t, None, 0, 3), bad...))
		require.ErrorIs(t, c.err, ErrCRC, "byte %d", i)
		require.Empty(t, offsets)
		require.EqualValues(t, 3, c.position)
		var at *LogError
		require.True(t, errors.As(c.err, &at))
		require.EqualValues(t, 3, at.Offset)
	}
}

func TestBadBatchesStop(t *testing.T) {
	edit := func(change func(b []byte)) []byte {
		b := craft(t, None, 0, 3)
		change(b)
		return reseal(b)
	}
	bomb := func(pack func(w *bytes.Buffer, zeros []byte)) []byte {
		var w bytes.Buffer
		pack(&w, make([]byte, MaxUnpacked+1))
		return w.Bytes()
	}
	zstdBomb := bomb(func(w *bytes.Buffer, zeros []byte) {
		e, _ := zstd.NewWriter(w)
		_, _ = e.Write(zeros)
		_ = e.Close()
	})
	lz4Bomb := bomb(func(w *bytes.Buffer, zeros []byte) {
		e := lz4.NewWriter(w)
		_, _ = e.Write(zeros)
		_ = e.Close()
	})
	gzipBomb := func() []byte {
		e, err := NewEncoder(Gzip)
		require.NoError(t, err)
		e.raw = make([]byte, MaxUnpacked+1)
		b, err := e.pack()
		require.NoError(t, err)
		return b
	}()
	twice := append(craft(t, None, 0, 3), craft(t, None, 2, 3)...)
	cases := map[string]struct {
		b    []byte
		want Kind
	}{
		"codec 5":             {edit(func(b []byte) { b[22] = 5 }), ErrCodec},
		"magic 1":             {edit(func(b []byte) { b[16] = 1 }), ErrMalformed},
		"length 0":            {append(make([]byte, 12), 0), ErrMalformed},
		"negative length":     {bytes.Repeat([]byte{0xff}, 80), ErrMalformed},
		"negative count":      {edit(func(b []byte) { b[57] = 0xff }), ErrMalformed},
		"count lies up":       {edit(func(b []byte) { b[60], b[26] = 4, 3 }), ErrMalformed},
		"count lies down":     {edit(func(b []byte) { b[60] = 2 }), ErrMalformed},
		"count huge":          {edit(func(b []byte) { b[57] = 0x7f }), ErrMalformed},
		"last delta negative": {edit(func(b []byte) { b[23] = 0x80 }), ErrMalformed},
		"last delta short":    {edit(func(b []byte) { b[26] = 1 }), ErrMalformed},
		"batches overlap":     {twice, ErrMalformed},
		"says lz4, is none":   {edit(func(b []byte) { b[22] = byte(LZ4) }), ErrMalformed},
		"says zstd, is none":  {edit(func(b []byte) { b[22] = byte(Zstd) }), ErrMalformed},
		"says gzip, is none":  {edit(func(b []byte) { b[22] = byte(Gzip) }), ErrMalformed},
		"says snappy":         {around(Snappy, []byte{0xff, 0xff, 0xff, 0xff, 0x0f, 0}, 1), ErrTooBig},
		"gzip bomb":           {around(Gzip, gzipBomb, 1), ErrTooBig},
		"snappy bomb":         {around(Snappy, snappy.Encode(nil, make([]byte, MaxUnpacked+1)), 1), ErrTooBig},
		"lz4 bomb":            {around(LZ4, lz4Bomb, 1), ErrTooBig},
		"zstd bomb":           {around(Zstd, zstdBomb, 1), ErrTooBig},
		"varint overflow":     {around(None, bytes.Repeat([]byte{0xff}, 30), 1), ErrMalformed},
		"record too long":     {around(None, []byte{0x7e, 0, 0, 0, 1, 1, 0}, 1), ErrMalformed},
		"offset repeats":      {around(None, []byte{12, 0, 0, 0, 1, 1, 0, 12, 0, 0, 0, 1, 1, 0}, 2), ErrMalformed},
		"header count lies":   {around(None, []byte{12, 0, 0, 0, 1, 1, 8}, 1), ErrMalformed},
		"lz4 linked no end":   {around(LZ4, []byte{4, 0x22, 0x4d, 0x18, 0x40, 0x40, 0, 0xff, 0xff, 0xff, 0x7f}, 1), ErrMalformed},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, c := readAll(0, tc.b)
			require.ErrorIs(t, c.err, tc.want)
			assert.False(t, Retryable(c.err))
			assert.False(t, c.next(), "it stays stopped")
			assert.LessOrEqual(t, cap(c.unpack.out), 3*MaxUnpacked)
			t.Log(c.err)
		})
	}
}

func TestXerialSnappyAndLinkedLZ4(t *testing.T) {
	plain := craft(t, None, 0, 600)
	raw := plain[batchOverhead:]
	framed := append([]byte(xerial), 0, 0, 0, 1, 0, 0, 0, 1)
	for at := 0; at < len(raw); at += 32 << 10 {
		block := snappy.Encode(nil, raw[at:min(at+32<<10, len(raw))])
		framed = append(binary.BigEndian.AppendUint32(framed, uint32(len(block))), block...)
	}
	offsets, c := readAll(0, around(Snappy, framed, 600))
	require.NoError(t, c.err)
	assert.Len(t, offsets, 600)

	// Blocks that reach back into the block before, with every optional field of the descriptor.
	linked := []byte{4, 0x22, 0x4d, 0x18, 0x40 | lz4ContentSum | lz4ContentSize | lz4BlockSum, 0x40}
	linked = append(binary.LittleEndian.AppendUint64(linked, uint64(len(raw))), 0)
	for at := 0; at < len(raw); at += 64 << 10 {
		src := raw[at:min(at+64<<10, len(raw))]
		linked = binary.LittleEndian.AppendUint32(linked, lz4Stored|uint32(len(src)))
		linked = append(append(linked, src...), 1, 2, 3, 4)
	}
	linked = append(linked, 0, 0, 0, 0, 1, 2, 3, 4)
	offsets, c = readAll(0, around(LZ4, linked, 600))
	require.NoError(t, c.err)
	assert.Len(t, offsets, 600)
}

func TestLogAppendTimeIsTheBatchs(t *testing.T) {
	b := craft(t, None, 0, 3)
	b[22] |= logAppendTime
	binary.BigEndian.PutUint64(b[35:], 777)
	c := newCursor(topic, 0)
	c.open(0, reseal(b), nil)
	for c.next() {
		assert.EqualValues(t, 777, c.rec.KafkaMs)
	}
	require.NoError(t, c.err)
}

func TestAbortedAreKnownByProducerAndFirstOffset(t *testing.T) {
	txn := func(base int64, producer uint64, epoch uint16, control byte) []byte {
		b := craft(t, None, base, 2)
		if control != 9 {
			b = around(None, []byte{20, 0, 0, 0, 8, 0, 0, 0, control, 1, 0}, 1) // key: version 0, type
			binary.BigEndian.PutUint64(b, uint64(base))
			b[22] |= controlBatch
		}
		b[22] |= transactional
		binary.BigEndian.PutUint64(b[43:], producer)
		binary.BigEndian.PutUint16(b[51:], epoch)
		return reseal(b)
	}
	const data, abort, commit = 9, 0, 1
	var log []byte
	log = append(log, txn(0, 7, 1, data)...)  // rolled back
	log = append(log, txn(2, 8, 1, data)...)  // committed
	log = append(log, txn(4, 7, 1, data)...)  // rolled back
	log = append(log, txn(6, 7, 2, abort)...) // transactions v2: the epoch has risen
	log = append(log, txn(7, 7, 2, data)...)  // committed, same producer
	log = append(log, txn(9, 8, 2, commit)...)
	log = append(log, txn(10, 7, 3, commit)...)
	log = append(log, txn(11, 7, 3, data)...) // rolled back
	log = append(log, txn(13, 7, 4, abort)...)
	offsets, c := readAll(0, log, abortedTxn{7, 11}, abortedTxn{7, 0})
	require.NoError(t, c.err)
	assert.Equal(t, []int64{2, 3, 7, 8}, offsets)
	assert.EqualValues(t, 14, c.position)
	assert.EqualValues(t, 13, c.tail.BaseOffset)
}

// FuzzCursor feeds hostile batches with right checksums: no panic, no offset twice or below the start, bounded work.
func FuzzCursor(f *testing.F) {
	for codec := None; codec <= Zstd; codec++ {
		f.Add(craft(f, codec, 0, 3), int64(1))
	}
	f.Add(append(craft(f, None, 0, 3), craft(f, LZ4, 3, 3)...), int64(0))
	f.Fuzz(func(t *testing.T, b []byte, from int64) {
		fixed := bytes.Clone(b)
		for rest := fixed; ; {
			raw, next, _, ok := splitBatch(rest)
			if !ok {
				break
			}
			if len(raw) >= batchOverhead {
				binary.BigEndian.PutUint32(raw[17:], crc32.Checksum(raw[crcFrom:], castagnoli()))
			}
			rest = next
		}
		offsets, c := readAll(from, fixed, abortedTxn{1, 0}, abortedTxn{0, 2})
		last := from - 1
		for _, o := range offsets {
			if o <= last {
				t.Fatalf("offset %d after %d", o, last)
			}
			last = o
		}
		if c.position < from {
			t.Fatalf("position %d below %d", c.position, from)
		}
		endOfBatches(fixed, from)
	})
}

// FuzzAnswer feeds hostile answers.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 'o', 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var a answer
		if parseAnswer(b, &a) == nil && len(a.records)+24*len(a.aborted) > 2*len(b)+64 {
			t.Fatal("more out than in")
		}
	})
}
