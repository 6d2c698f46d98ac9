-- What `kith dissect --pcapng` writes, for Wireshark and tshark: link type
-- USER0, each packet as src/wire/userlink.h says.
--
--	tshark -X lua_script:ssb.lua -r talk.pcapng -Y 'ssb.request == 5'
--
-- Or put it into the folder of personal plugins.

local ssb = Proto("ssb", "Secure Scuttlebutt, opened")

local kinds = { [0] = "note", [1] = "handshake", [2] = "packet" }
local types = { [0] = "binary", [1] = "UTF-8", [2] = "JSON", [3] = "reserved" }

local f = {
  version = ProtoField.uint8("ssb.version", "Version"),
  kind = ProtoField.uint8("ssb.kind", "Kind", base.DEC, kinds),
  out = ProtoField.bool("ssb.out", "Out"),
  conn = ProtoField.uint32("ssb.conn", "Connection"),
  note = ProtoField.string("ssb.note", "Note"),
  ephemeral = ProtoField.bytes("ssb.handshake.ephemeral", "Ephemeral key"),
  sealed = ProtoField.bytes("ssb.handshake.sealed", "Sealed"),
  flags = ProtoField.uint8("ssb.flags", "Flags", base.HEX),
  type = ProtoField.uint8("ssb.type", "Type of body", base.DEC, types, 0x03),
  last = ProtoField.bool("ssb.end", "End or error", 8, nil, 0x04),
  stream = ProtoField.bool("ssb.stream", "Stream", 8, nil, 0x08),
  length = ProtoField.uint32("ssb.length", "Length of body"),
  request = ProtoField.int32("ssb.request", "Request"),
  body = ProtoField.string("ssb.body", "Body"),
  bytes = ProtoField.bytes("ssb.bytes", "Body"),
}
for _, field in pairs(f) do ssb.fields[#ssb.fields + 1] = field end

local json = Dissector.get("json")

local function handshake(buf, tree)
  if buf:len() == 64 then
    tree:add(f.ephemeral, buf(32, 32))
    return "handshake: hello"
  end
  tree:add(f.sealed, buf())
  return "handshake: proof"
end

local function body(buf, pinfo, tree, kind)
  if buf:len() == 0 then return end
  if kind == 0 or kind == 3 then
    tree:add(f.bytes, buf())
  else
    tree:add(f.body, buf())
    if kind == 2 then json:call(buf:tvb(), pinfo, tree) end
  end
end

local function packet(buf, pinfo, tree)
  if buf:len() < 9 then return "cut off" end
  local flags, request = buf(0, 1):uint(), buf(5, 4):int()
  local length = buf(1, 4):uint()
  if flags == 0 and request == 0 and length == 0 then return "goodbye" end
  local part = tree:add(buf(0, 1), "Header")
  part:add(f.flags, buf(0, 1))
  part:add(f.type, buf(0, 1))
  part:add(f.last, buf(0, 1))
  part:add(f.stream, buf(0, 1))
  tree:add(f.length, buf(1, 4))
  tree:add(f.request, buf(5, 4))
  if buf:len() > 9 then
    body(buf(9), pinfo, tree, flags % 4)
  end
  local text = string.format("%+d %s%s%s, %d bytes", request,
    math.floor(flags / 8) % 2 == 1 and "stream, " or "",
    math.floor(flags / 4) % 2 == 1 and "end, " or "", types[flags % 4], length)
  if flags % 4 ~= 0 and buf:len() > 9 then
    text = text .. ": " .. buf(9, math.min(buf:len() - 9, 120)):string()
  end
  return text
end

function ssb.dissector(buf, pinfo, root)
  if buf:len() < 8 or buf(0, 1):uint() ~= 1 then return 0 end
  local tree = root:add(ssb, buf())
  local kind, out = buf(1, 1):uint(), buf(2, 1):uint() == 1
  tree:add(f.version, buf(0, 1))
  tree:add(f.kind, buf(1, 1))
  tree:add(f.out, buf(2, 1))
  tree:add(f.conn, buf(4, 4))
  local conn = tostring(buf(4, 4):uint())
  pinfo.cols.protocol = "SSB"
  pinfo.cols.src = out and "here" or "peer " .. conn
  pinfo.cols.dst = out and "peer " .. conn or "here"
  local rest, text = buf(8), nil
  if kind == 2 then
    text = packet(rest, pinfo, tree)
  elseif kind == 1 then
    text = handshake(rest, tree)
  else
    if rest:len() > 0 then tree:add(f.note, rest) end
    text = rest:len() > 0 and rest:string() or ""
  end
  pinfo.cols.info = text
  return buf:len()
end

DissectorTable.get("wtap_encap"):add(wtap.USER0, ssb)
