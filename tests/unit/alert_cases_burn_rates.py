"""What makes each alert on an error budget fire and end; a hundred requests a step."""

from tests.unit.alert_case import Case

_OF = 'job="catalog",instance="catalog",method="GET",route="/v1/catalogo"'
_DURATION = "mundo_http_request_duration_seconds"


def _errors(samples: str) -> dict[str, str]:
    return {
        f'mundo_http_requests_total{{{_OF},status="200"}}': "0+100x400",
        f'mundo_http_requests_total{{{_OF},status="503"}}': samples,
        # Not the API's.
        'mundo_http_requests_total{job="catalog",instance="catalog",route="/health/ready",status="503"}': "0+50x400",
    }


def _fast(samples: str) -> dict[str, str]:
    return {
        f'{_DURATION}_bucket{{{_OF},status="200",le="0.5"}}': samples,
        f'{_DURATION}_count{{{_OF},status="200"}}': "0+100x400",
    }


BURN_RATES = (
    Case(
        alert="ErrorBudgetBurningFast",
        series=_errors("0+0x8 5+5x40 205+0x350"),
        says="% of the requests of the last 1h failed, and it goes on; 0.1 % may.",
        pending=13,
        resolved=75,
    ),
    Case(
        alert="ErrorBudgetBurning",
        series=_errors("0+0x8 1+1x200 201+0x200"),
        says="% of the requests of the last 6h failed, and it goes on; 0.1 % may.",
        pending=20,
        firing=60,
        resolved=300,
    ),
    Case(
        alert="LatencyBudgetBurningFast",
        series=_fast("0+100x8 800+0x60 900+100x330"),
        says="% of the requests of the last 1h took longer than 500 ms, and it goes on; 5 % may.",
        pending=29,
        firing=50,
        resolved=95,
    ),
    Case(
        alert="LatencyBudgetBurning",
        series=_fast("0+100x8 850+50x91 5500+100x290"),
        says="% of the requests of the last 6h took longer than 500 ms, and it goes on; 5 % may.",
        pending=22,
        firing=60,
        resolved=220,
    ),
)

ONE_FAILURE_IN_A_QUIET_NIGHT = {
    f'mundo_http_requests_total{{{_OF},status="200"}}': "0+0x8 1+0x10 2+0x10 3+0x400",
    f'mundo_http_requests_total{{{_OF},status="503"}}': "0+0x12 1+0x400",
}
"""A handful of requests an hour, and one of them fails."""
