package sql_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
	"festival/sql/report"
)

func TestReportThatWasWrittenLastStands(t *testing.T) {
	ctx := context.Background()
	store, conn := open(t)
	ms := int64(7)
	a := sql.ReportRow{Process: "a:1", AtMs: 200, Report: report.Report{Role: "ingest", StartedMs: 3, Partitions: []int32{0, 2}, Retries: 4,
		Timings: []report.Timing{{Name: "cells", N: 1, P50Ms: &ms, P99Ms: &ms, LineMs: []*int64{nil, &ms}}},
		Bounds:  []report.Bound{{Name: "fingerprints", Unit: "events", Used: 1, Limit: 2}}}}
	b := sql.ReportRow{Process: "b:1", AtMs: 150, Report: report.Report{Role: "ingest"}}
	ahead := a // its clock was set back since
	ahead.AtMs, ahead.Report.Retries = 600_200, 0
	for _, r := range []sql.ReportRow{ahead, b, a} {
		require.NoError(t, store.InsertReport(ctx, ledger, r))
	}
	require.NoError(t, store.InsertReport(ctx, ledger+1, b))
	got, err := store.Reports(ctx, ledger, 0)
	require.NoError(t, err)
	require.Equal(t, []sql.ReportRow{a, b}, got)
	require.NoError(t, conn.Exec(ctx, "INSERT INTO reports VALUES (?, 'c:1', 300, 'from the future')", ledger))
	got, err = store.Reports(ctx, ledger, 160)
	require.NoError(t, err)
	require.Equal(t, []sql.ReportRow{a}, got)
}

func TestVerifyState(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	got, err := store.VerifyState(ctx, ledger)
	require.NoError(t, err)
	require.Zero(t, got)
	for _, v := range []sql.VerificationRow{
		{Second: 10, FrameHash: "aa", RecordedMs: 100, Source: "kafka", Equal: true},
		{Second: 10, FrameHash: "aa", RecordedMs: 110, Source: "orders", Equal: true},
		{Second: 12, FrameHash: "cc", RecordedMs: 120, Source: "kafka", Detail: "RU"},
		{Second: 12, FrameHash: "cc", RecordedMs: 125, Source: "kafka", Equal: true}, // wrong all the same
		{Second: 11, FrameHash: "bb", RecordedMs: 130, Source: "kafka", Equal: true}} {
		require.NoError(t, store.InsertVerification(ctx, ledger, v))
	}
	got, err = store.VerifyState(ctx, ledger)
	require.NoError(t, err)
	require.Equal(t, sql.VerifyState{Verified: 2, Different: 1, Newest: 11, NewestHash: "bb", DifferentMs: 120, Detail: "RU"}, got)
}

func TestDisk(t *testing.T) {
	store, _ := open(t)
	disk, err := store.Disk(context.Background())
	require.NoError(t, err)
	require.Positive(t, disk.Total)
	require.Positive(t, disk.Free)
	require.LessOrEqual(t, disk.Free, disk.Total)
	require.Positive(t, *disk.Guard, "the embedded engine tells of its guard")
}
