package bridge

import (
	"net/http"
	"strconv"

	"github.com/ClickHouse/ch-go/proto"
)

// handshakeQuery is what clickhouse-go v2.50 asks first over HTTP (conn_http.go, queryHello).
const handshakeQuery = "SELECT displayName(), version(), revision(), timezone()"

// handshake answers that query itself: the client reads the answer at the revision
// it asked for (client_protocol_version), which the engine's output does not follow.
// The answer says revision 0, and from then on the client reads plain Native.
func (s *Server) handshake(w http.ResponseWriter, r *http.Request, req *request) bool {
	if req.sql != handshakeQuery || req.format != "Native" {
		return false
	}
	revision, err := strconv.Atoi(first(r.URL.Query().Get("client_protocol_version"), "0"))
	if err != nil {
		return false
	}
	var name, version, zone proto.ColStr
	name.Append("festival-engine")
	version.Append(s.version)
	zone.Append(s.zone)
	block := proto.Block{Rows: 1, Columns: 4}
	var buf proto.Buffer
	if revision > 0 {
		block.Info.Encode(&buf)
	}
	if err := block.EncodeRawBlock(&buf, revision, []proto.InputColumn{
		{Name: "displayName()", Data: &name}, {Name: "version()", Data: &version},
		{Name: "revision()", Data: proto.ColUInt32{0}}, {Name: "timezone()", Data: &zone},
	}); err != nil {
		return false
	}
	w.Header().Set("X-ClickHouse-Format", "Native")
	_, _ = newFramer(w, req.compress).Write(buf.Buf)
	return true
}
