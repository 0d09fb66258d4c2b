-- Answers that may be given again, and who is working on one. llm/cache.py says what it means.
--
-- KEYS 1 generation of the purpose  2 answer: "generation payload"  3 leader: "generation token"
--      4 end of the asker's own flight: a stream, so that all who wait wake up, and those who come late do not wait
-- ARGV 1 operation, 2 the asker's token, then the operation's own

local token = ARGV[2]
local LINGER = 10000  -- ms; who was told to wait does so within this

local operations = {}

-- {"kept", payload}, {"lead", generation} or {"wait", token of the leader, ms}
function operations.join(lease)
  local generation = redis.call('GET', KEYS[1])
  if not generation then  -- never set, or evicted: what older ones left behind stays invisible
    generation = token
    redis.call('SET', KEYS[1], generation)
  end
  local start = generation .. ' '
  local kept = redis.call('GET', KEYS[2])
  if kept and string.sub(kept, 1, #start) == start then return {'kept', string.sub(kept, #start + 1)} end
  local leader = redis.call('GET', KEYS[3])
  if leader and leader ~= start .. token and string.sub(leader, 1, #start) == start then
    return {'wait', string.sub(leader, #start + 1), redis.call('PTTL', KEYS[3])}
  end
  redis.call('SET', KEYS[3], start .. token, 'PX', lease)
  return {'lead', generation}
end

function operations.land(generation)
  if redis.call('GET', KEYS[3]) == generation .. ' ' .. token then redis.call('DEL', KEYS[3]) end
  redis.call('XADD', KEYS[4], '*', 'landed', 1)
  redis.call('PEXPIRE', KEYS[4], LINGER)
end

function operations.publish(generation, payload, lasts)
  if redis.call('GET', KEYS[1]) == generation then
    redis.call('SET', KEYS[2], generation .. ' ' .. payload, 'PX', lasts)
  end
  operations.land(generation)
end

return operations[ARGV[1]](unpack(ARGV, 3))
