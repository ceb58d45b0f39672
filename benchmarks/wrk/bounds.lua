-- Asks for the bounds of entries 1 to N in a fixed disorder, over and over; N is the argument. Prints one line of JSON.

local STRIDE = 7919 -- a prime: every entry has its turn unless N is a multiple of it

local requests = {}
local at = 0

function init(args)
    local count = tonumber(args[1])
    for number = 0, count - 1 do
        local id = 1 + number * STRIDE % count
        requests[number + 1] = wrk.format("GET", "/v1/catalogo/" .. id .. "/bounds")
    end
end

function request()
    at = at % #requests + 1
    return requests[at]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\n{"requests": %d, "microseconds": %d, "p50": %d, "p95": %d, "p99": %d, "errors": %d}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(95), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status + errors.timeout
    ))
end
