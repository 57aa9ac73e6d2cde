-- Redemptions, each with a key of its own: wrk -s wrk.lua URL -- FOLDER RUN FIRST
-- FOLDER has cards.txt and tokens.txt, a line for each; FIRST is how many were sent before, so
-- that no card pays the same points at the same till twice within a minute, however fast the
-- hello-world answers in between.

local function lines(path)
  local found = {}
  for line in io.lines(path) do
    found[#found + 1] = line
  end
  return found
end

function init(args)
  cards, tokens = lines(args[1] .. "/cards.txt"), lines(args[1] .. "/tokens.txt")
  run, number = args[2], tonumber(args[3])
end

function request()
  number = number + 1
  local round = math.floor(number / #cards)
  local headers = {
    ["Authorization"] = "Bearer " .. tokens[round % #tokens + 1],
    ["Content-Type"] = "application/json",
    ["Idempotency-Key"] = string.format("bench-%s-%09d", run, number),
  }
  local points = math.floor(round / #tokens) % 50 + 1
  local body = string.format('{"code":"%s","points":%d}', cards[number % #cards + 1], points)
  return wrk.format("POST", "/api/v1/redemptions", headers, body)
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"seconds":%f,"p99_ms":%f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(99) / 1e3, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout
  ))
end
