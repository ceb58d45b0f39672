"""The peer that a newcomer would write: a FastAPI route, a pool of redis-py, HGET, and the object as the answer."""

import json
import os
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException
from redis.asyncio import ConnectionPool, Redis

pool = ConnectionPool(
    host=os.environ["REDIS_HOST"],
    port=6379,
    password=Path("/run/mundo/secrets/redis_password").read_text(encoding="utf-8"),
    decode_responses=True,
)
redis = Redis(connection_pool=pool)
app = FastAPI()


@app.get("/v1/catalogo/{catalogo_id}/bounds")
async def get_bounds(catalogo_id: int) -> Any:
    """Bounds of an entry."""
    data = await redis.hget(f"bounds:{catalogo_id}", "data")
    if data is None:
        raise HTTPException(404)
    return json.loads(data)


if __name__ == "__main__":
    # The settings of the app's own server (app/server.py), with uvicorn's own protocol.
    uvicorn.run(
        app,
        host="0.0.0.0",  # noqa: S104  (in a container)
        port=8000,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        lifespan="off",
    )
