"""What Redis does by itself, in one step, for the bounds cache."""

from __future__ import annotations

import hashlib

# Writes only over older versions, so that a slow loader never puts an old answer back. A tombstone is a version without
# data. What is no hash is not ours: it gives way, or it would stand in the way until somebody looked.
PUT = """
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'none' and ARGV[3] == 'refresh' then return 0 end
if kind == 'hash' then
    local held = tonumber(redis.call('HGET', KEYS[1], 'version') or '')
    if held and held > tonumber(ARGV[1]) then return 0 end
end
if kind ~= 'hash' or ARGV[3] == 'tombstone' then redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], 'version', ARGV[1])
if ARGV[4] then redis.call('HSET', KEYS[1], 'data', ARGV[4]) end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""

# The greater one wins: of two processes, the slower one does not take back what the quicker one has applied.
ADVANCE = """
local held = redis.call('TYPE', KEYS[1]).ok == 'string' and tonumber(redis.call('GET', KEYS[1]))
if held and held >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return 1
"""


def name_of(script: str) -> bytes:
    """The name under which Redis keeps a loaded script."""
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest().encode()


PUT_NAME = name_of(PUT)
ADVANCE_NAME = name_of(ADVANCE)
SCRIPTS = (PUT, ADVANCE)
