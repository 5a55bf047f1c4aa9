"""The CloudWatch dashboard: whether calls are made, and what prevents them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

from cdk.data import Runs
from cdk.settings import Settings

_WIDE, _HIGH = 12, 6
OWN_METRICS = {
    "Leads and calls": ("dialer", "Sum", "waiting claimed placed run_held run_settled"),
    "Refused by Twilio": (
        "dialer",
        "Sum",
        "refused_lead refused_permission refused_account refused_caller_id refused_unlisted",
    ),
    "Not called": ("dialer", "Sum", "throttled not_sent unknown lost"),
    "Runs": ("dialer", "p90", "run_length"),
    "Callbacks": (
        "status_webhook",
        "Sum",
        (
            "callback_applied callback_repeated callback_stray callback_refused callback_ignored callback_abandoned "
            "caller_id_rests"
        ),
    ),
    "Answered calls": (
        "voice",
        "Sum",
        "answers joined joined_late abandoned never_again answered_by_machine voice_failed voice_refused",
    ),
    "From the answer to the agent": ("voice", "p95", "join_time"),
    "Callback lag": ("status_webhook", "p90", "callback_lag"),
    "API answers": ("leads_api", "Sum", "api_2xx api_4xx api_5xx"),
}
NUMBER_METRICS = {
    "Short calls, % of the answered, by number": "short_percent",
    "Declined by networks, % of all calls, by number": "declined_percent",
}
PUSHING = ("leads_fetched", "dialer", "status_webhook", "voice", "leads_api")


def show(
    stack: Stack,
    settings: Settings,
    functions: Mapping[str, lambda_.Function],
    runs: Runs,
    alarms: Sequence[cloudwatch.Alarm],
) -> cloudwatch.Dashboard:
    """Create the dashboard: alarms first, then our own metrics, then the functions and the queue."""
    widgets: list[cloudwatch.IWidget] = [
        cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=2 * _WIDE, height=4),
        *(_group(settings, title, *what) for title, what in OWN_METRICS.items()),
        *(_by_number(settings, title, name) for title, name in NUMBER_METRICS.items()),
        _graph("Pushes", [own_metric(settings, name, "pushes_gone") for name in PUSHING]),
        _graph("Queue of runs", [runs.queue.metric_approximate_number_of_messages_visible()]),
        _graph("Oldest run", [runs.queue.metric_approximate_age_of_oldest_message()]),
        _graph("Errors", [function.metric_errors() for function in functions.values()]),
        _graph("Throttles", [function.metric_throttles() for function in functions.values()]),
        _graph("Duration", [function.metric_duration(statistic="p90") for function in functions.values()]),
    ]
    dashboard = cloudwatch.Dashboard(
        stack, "Dashboard", dashboard_name=settings.name, default_interval=Duration.hours(12)
    )
    dashboard.add_widgets(*widgets)
    return dashboard


def _by_number(settings: Settings, title: str, name: str) -> cloudwatch.GraphWidget:
    labels, hour = settings.caller_id_labels, Duration.hours(1)
    every = [own_metric(settings, "status_webhook", name, "Average", hour, {"caller_id": label}) for label in labels]
    return _graph(title, every)


def _group(settings: Settings, title: str, service: str, statistic: str, names: str) -> cloudwatch.GraphWidget:
    return _graph(title, [own_metric(settings, service, name, statistic) for name in names.split()])


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=_WIDE, height=_HIGH)


def own_metric(
    settings: Settings,
    service: str,
    name: str,
    statistic: str = "Sum",
    period: Duration | None = None,
    of: Mapping[str, str] = MappingProxyType({}),
) -> cloudwatch.Metric:
    """A metric that one of our functions writes through its log; *of* are its further dimensions."""
    return cloudwatch.Metric(
        namespace=settings.name,
        metric_name=name,
        dimensions_map={"service": service, **of},
        statistic=statistic,
        period=period or Duration.minutes(5),
    )
