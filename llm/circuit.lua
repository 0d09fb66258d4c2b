-- What every process knows of the routes. llm/circuit.py says what it means.
--
-- KEYS 1 routes  hash: route -> "faults first_fault_at rests kind until probed_till", times in ms
--                (until 0: closed; past until: half open)
-- ARGV 1 operation, 2 ms to add to the clock, then the operation's own

local routes = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000) + tonumber(ARGV[2])

local function find(name)
  local words = {}
  for word in string.gmatch(redis.call('HGET', routes, name) or '', '%S+') do words[#words + 1] = word end
  return words[1] and {
    faults = tonumber(words[1]), first = tonumber(words[2]), rests = tonumber(words[3]), kind = words[4],
    till = tonumber(words[5]), probed = tonumber(words[6]),
  }
end

local function write(name, route)
  redis.call('HSET', routes, name, string.format('%.0f %.0f %.0f %s %.0f %.0f',
    route.faults, route.first, route.rests, route.kind, route.till, route.probed))
end

local operations = {}

-- Per route: ms that it still rests, 0 if it may be tried, -1 if it may be tried and nothing is held against it. The
-- first that may be tried is the asker's, and where it is half open, so is its probe; others that are half open wait.
function operations.resting(probe_ms)
  local answer, taken = {}, false
  for i = 4, #ARGV do
    local route = find(ARGV[i])
    local rest = route and math.max(route.till, route.probed) - now or -1
    if rest <= 0 and route and route.till > 0 then
      rest = taken and 1 or 0
      if not taken then
        route.probed = now + probe_ms
        write(ARGV[i], route)
      end
    end
    taken = taken or rest <= 0
    answer[#answer + 1] = not route and -1 or math.max(rest, 0)
  end
  return answer
end

-- Returns ms to rest and the faults in a row if that opened it.
function operations.failed(name, kind, enough, span, rest, longest)
  local route = find(name)
  if not route or (route.till == 0 and now - route.first > tonumber(span)) then
    route = {faults = 0, first = now, rests = 0, till = 0, probed = 0}
  end
  route.faults, route.kind = route.faults + 1, kind
  local probe_failed = route.till > 0 and route.till <= now
  local opens = probe_failed or (route.till == 0 and route.faults >= tonumber(enough))
  if opens then
    rest = math.min(rest * 2 ^ math.min(route.rests, 30), tonumber(longest))
    route.till, route.probed, route.rests = now + rest, 0, route.rests + 1
  end
  write(name, route)
  return opens and {rest, route.faults} or {}
end

-- Returns 1 if that closed it. One that was opened meanwhile stays open: the success is older than that.
function operations.succeeded(name)
  local route = find(name)
  if not route or route.till > now then return 0 end
  redis.call('HDEL', routes, name)
  return route.till > 0 and 1 or 0
end

-- The probe ended without a word on the route: the next asker gets it.
function operations.released(name)
  local route = find(name)
  if route and route.probed > 0 then
    route.probed = 0
    write(name, route)
  end
end

function operations.states()
  local answer = {}
  for _, name in ipairs(redis.call('HKEYS', routes)) do
    local route = find(name)
    answer[#answer + 1] = {name, route.faults, route.kind, route.till, now}
  end
  return answer
end

return operations[ARGV[1]](unpack(ARGV, 3, math.min(#ARGV, 8)))
