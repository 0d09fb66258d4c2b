-- All limits and the day's books, each operation in one atomic step. llm/admission.py says what they mean.
--
-- KEYS  1 books   hash: server, epoch; per day (days since 1970, UTC) N:spent, N:reserved, N:alerted
--       2 calls   hash: "ask:attempt" -> "day ticks state holder"; states: o(pen), e(xpired), s(ettled)
--       3 leases  sorted set of open calls by when they are given up, ms
--       4 closed  sorted set of calls that are over by when they may be forgotten, ms: settled ones within what
--                 llm/admission.py calls recent, expired ones later, because their worker may be slow, not dead
--       5 uses    start of the holders' keys: sorted sets of ask ids by when they were admitted, ms
--                 (the holder stands with the call, so its key is made here; one hash tag keeps all on one slot)
-- ARGV  1 operation, 2 ms to add to the clock, then the operation's own

local HOUR, DAY = 3600000, 86400000
local KEEP = {s = HOUR / 2, e = 2 * DAY}
local books, calls, leases, closed, prefix = unpack(KEYS)
local op, offset = ARGV[1], tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000) + offset
local today = math.floor(now / DAY)

local function whole(number) return string.format('%.0f', number + 0) end  -- + 0: never "-0"

-- A server that started anew may have come back with nothing, or with the books of some time ago. Either way the
-- ledger knows better: what another run of a server wrote is dropped, and what is missing is asked for. What the ledger
-- said counts only in the epoch in which it was asked: books lost since then know less than it does.
local info = redis.pcall('INFO', 'server')
local server = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or 'unknown'
local epoch = redis.call('HGET', books, 'epoch')
if redis.call('HGET', books, 'server') ~= server then
  epoch = clock[1] .. '.' .. clock[2]
  redis.call('DEL', books, calls, leases, closed)
  redis.call('HSET', books, 'server', server, 'epoch', epoch)
end

local function find(id)
  local day, ticks, state, holder = string.match(redis.call('HGET', calls, id) or '', '^(%d+) (%d+) (%l) (.*)$')
  return day and {day = tonumber(day), ticks = tonumber(ticks), state = state, holder = holder}
end

local function write(id, call)
  redis.call('HSET', calls, id, whole(call.day) .. ' ' .. whole(call.ticks) .. ' ' .. call.state .. ' ' .. call.holder)
end

local function book(day, field, ticks)  -- a day whose books are missing gets them from the ledger, this included
  if redis.call('HEXISTS', books, day .. ':spent') == 1 then
    redis.call('HINCRBY', books, day .. ':' .. field, whole(ticks))
  end
end

local function charged()
  local sums = redis.call('HMGET', books, today .. ':spent', today .. ':reserved')
  return sums[1] and sums[1] + sums[2]
end

local function open(id, holder, ticks, lasts)
  write(id, {day = today, ticks = ticks, state = 'o', holder = holder})
  book(today, 'reserved', ticks)
  redis.call('ZADD', leases, now + lasts, id)
end

-- What a call cost replaces what was booked for it, once. A call nobody knows was admitted before the books got lost.
local function settle(id, spent)
  local call = find(id) or {day = today, ticks = 0, state = 'e', holder = ''}
  if call.state == 's' then return call end
  if call.state == 'o' then
    book(call.day, 'reserved', -call.ticks)
    book(call.day, 'spent', spent)
  else
    book(call.day, 'spent', spent - call.ticks)
  end
  write(id, {day = call.day, ticks = spent, state = 's', holder = call.holder})
  redis.call('ZREM', leases, id)
  redis.call('ZADD', closed, now + KEEP.s, id)
  return call
end

-- Whoever held these is dead or slow. The provider may have worked all the same, so they cost the most they can.
local function expire()
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now)) do
    local call = find(id)
    redis.call('ZREM', leases, id)
    book(call.day, 'reserved', -call.ticks)
    book(call.day, 'spent', call.ticks)
    call.state = 'e'
    write(id, call)
    redis.call('ZADD', closed, now + KEEP.e, id)
  end
end

local function forget()
  local over = redis.call('ZRANGEBYSCORE', closed, '-inf', now, 'LIMIT', 0, 1000)
  if #over > 0 then
    redis.call('HDEL', calls, unpack(over))
    redis.call('ZREM', closed, unpack(over))
  end
end

-- The window is cold unless it was filled from the ledger in this epoch: the epoch stands in it as a member.
local function cold(holder)
  local uses_cold = holder and not redis.call('ZSCORE', prefix .. holder, epoch)
  if uses_cold or not charged() then
    return {'cold', whole(now), epoch, charged() and 0 or 1, uses_cold and 1 or 0}
  end
end

-- Used within the last `span` ms, and when that is less than `limit` again (0: it is).
local function window(holder, span, limit)
  local key, from = prefix .. holder, '(' .. whole(now - span)
  local used = redis.call('ZCOUNT', key, from, '(+inf')
  if used < limit then return used, 0 end
  local blocking = redis.call('ZRANGEBYSCORE', key, from, '(+inf', 'WITHSCORES', 'LIMIT', used - limit, 1)
  return used, (blocking[2] or now) + span
end

local function free_at(slots)  -- 0: now
  if redis.call('ZCARD', leases) < slots then return 0 end
  return redis.call('ZRANGE', leases, 0, 0, 'WITHSCORES')[2] or now
end

local function done(alert_at)
  local sum = charged()
  if sum and sum >= alert_at and redis.call('HEXISTS', books, today .. ':alerted') == 0 then
    return {'ok', today, whole(sum)}
  end
  return {'ok', today, '0'}
end

local operations = {}

function operations.admit(ask, holder, ticks, lasts, budget, alert_at, slots, per_hour, per_day)
  local id = ask .. ':1'
  if find(id) then return done(tonumber(alert_at)) end  -- said twice, because the first reply got lost
  local missing = cold(holder)
  if missing then return missing end
  local key = prefix .. holder
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - DAY)
  local _, hour_lifts = window(holder, HOUR, tonumber(per_hour))
  local _, day_lifts = window(holder, DAY, tonumber(per_day))
  if day_lifts > 0 and day_lifts >= hour_lifts then return {'day', whole(day_lifts)} end
  if hour_lifts > 0 then return {'hour', whole(hour_lifts)} end
  if charged() + ticks > tonumber(budget) then return {'budget'} end
  local free = free_at(tonumber(slots))
  if free ~= 0 then return {'busy', whole(free)} end
  open(id, holder, tonumber(ticks), tonumber(lasts))
  redis.call('ZADD', key, now, ask)
  redis.call('PEXPIRE', key, DAY + HOUR)
  return done(tonumber(alert_at))
end

function operations.again(ask, attempt, spent, ticks, lasts, budget, alert_at, slots)
  local id = ask .. ':' .. attempt
  if find(id) then return done(tonumber(alert_at)) end
  local missing = cold()
  if missing then return missing end
  local last = settle(ask .. ':' .. whole(attempt - 1), tonumber(spent))
  if charged() + ticks > tonumber(budget) then return {'budget'} end
  local free = free_at(tonumber(slots))
  if free ~= 0 then return {'busy', whole(free)} end
  open(id, last.holder, tonumber(ticks), tonumber(lasts))
  return done(tonumber(alert_at))
end

function operations.settle(ask, attempt, spent, counts, alert_at)
  local call = settle(ask .. ':' .. attempt, tonumber(spent))
  if counts == '0' then redis.call('ZREM', prefix .. call.holder, ask) end
  return done(tonumber(alert_at))
end

function operations.uses(holder, per_hour, per_day)
  local missing = cold(holder)
  if missing then return missing end
  local hour, hour_lifts = window(holder, HOUR, tonumber(per_hour))
  local day, day_lifts = window(holder, DAY, tonumber(per_day))
  return {'ok', hour, day, whole(math.max(hour_lifts, day_lifts))}
end

function operations.books()
  local missing = cold()
  if missing then return missing end
  local sums = redis.call('HMGET', books, today .. ':spent', today .. ':reserved')
  return {'ok', sums[1], sums[2], redis.call('ZCARD', leases)}
end

function operations.alerted(day)
  redis.call('HSET', books, day .. ':alerted', 1)
end

-- The ledger's word on a day: the sum of what was over long ago, then every call that may still change, as
-- id, holder, day, ticks, state, and the ms at which its lease ends or it ended.
-- Of what both know Redis knows the newer: a worker tells the ledger first, and then comes here.
function operations.fill_books(asked_in, day, sum)
  if asked_in ~= epoch or redis.call('HEXISTS', books, day .. ':spent') == 1 then return end
  for i = 6, #ARGV, 6 do
    local id, holder, on, ticks, state, at = unpack(ARGV, i, i + 5)
    if not find(id) then
      write(id, {day = on, ticks = ticks, state = state, holder = holder})
      redis.call('ZADD', state == 'o' and leases or closed, at + (KEEP[state] or 0), id)
    end
  end
  local sums = {o = 0, e = 0, s = tonumber(sum)}
  for _, id in ipairs(redis.call('HKEYS', calls)) do
    local call = find(id)
    if call.day == tonumber(day) then sums[call.state] = sums[call.state] + call.ticks end
  end
  for _, field in ipairs(redis.call('HKEYS', books)) do
    local other = tonumber(string.match(field, '^%d+'))
    if other and other < day - 2 then redis.call('HDEL', books, field) end
  end
  redis.call('HSET', books, day .. ':spent', whole(sums.s + sums.e), day .. ':reserved', whole(sums.o))
end

-- The ledger's word on a holder's last 24 hours: ask ids and when they were admitted, ms.
function operations.fill_uses(asked_in, holder)
  local key = prefix .. holder
  if asked_in ~= epoch or redis.call('ZSCORE', key, epoch) then return end
  redis.call('DEL', key)
  redis.call('ZADD', key, '+inf', epoch)
  for i = 5, #ARGV, 2 do redis.call('ZADD', key, ARGV[i + 1], ARGV[i]) end
  redis.call('PEXPIRE', key, DAY + HOUR)
end

expire()
forget()
return operations[op](unpack(ARGV, 3, math.min(#ARGV, 11)))
