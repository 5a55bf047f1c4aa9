"""Alarms, the topic that they notify, and the dashboard. Each alarm watches one metric."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions

from cdk.apis import Http, Socket
from cdk.dashboard import own_metric, show
from cdk.data import Runs
from cdk.settings import Settings

FIVE_MINUTES = Duration.minutes(5)
_RESTS = "caller_id_rests"


@dataclass(frozen=True)
class Alarm:
    """One alarm: its meaning in a sentence, its page in the runbook, and a metric with its threshold."""

    name: str
    page: str
    description: str
    metric: cloudwatch.IMetric
    threshold: float
    periods: int = 1
    until_told: bool = False  # stays in alarm while its metric has no data
    enough: bool = False  # of a percentile: says nothing while there are too few calls for it


def watch(
    stack: Stack, settings: Settings, functions: Mapping[str, lambda_.Function], runs: Runs, http: Http, socket: Socket
) -> sns.Topic:
    """Create the alarms, their topic, and the dashboard."""
    topic = _topic(stack, settings)
    every = [*_watched(settings, functions, runs), *_at_the_doors(settings, http, socket)]
    alarms = [_alarm(stack, settings, watched, topic) for watched in every]
    show(stack, settings, functions, runs, alarms)
    return topic


def _watched(settings: Settings, functions: Mapping[str, lambda_.Function], runs: Runs) -> list[Alarm]:
    dead = runs.dead.metric_approximate_number_of_messages_visible(statistic="Maximum", period=FIVE_MINUTES)
    oldest = runs.queue.metric_approximate_age_of_oldest_message(statistic="Maximum", period=FIVE_MINUTES)
    lag = own_metric(settings, "status_webhook", "callback_lag", "p90")
    patience_s = 10 * settings.function_timeout_s
    return [
        Alarm(
            "dead-runs",
            "dead-runs",
            "A run has failed five times and waits for a person.",
            dead,
            0,
            until_told=True,  # after six hours without activity a queue has no metrics, even if it holds messages
        ),
        Alarm("oldest-run", "oldest-run", f"A run has waited for more than {patience_s} s.", oldest, patience_s),
        _any(settings, "unknown-outcome", "It is not known whether a call was made (ONCE-002).", "dialer", "unknown"),
        _any(settings, "account-refused", "Twilio refuses the account; nobody is called.", "dialer", "refused_account"),
        Alarm(
            "calls-not-sent",
            "calls-not-sent",
            "Twilio cannot be reached, or its credentials cannot be read; nobody is called.",
            own_metric(settings, "dialer", "not_sent"),
            2,
        ),
        _any(
            settings,
            "stray-callback",
            "A lead may have been called twice (ONCE-001).",
            "status_webhook",
            "callback_stray",
        ),
        Alarm(
            "callbacks-refused",
            "callbacks-refused",
            "Callbacks have invalid signatures: they are not Twilio's, or use an unknown auth token.",
            own_metric(settings, "status_webhook", "callback_refused"),
            10,
        ),
        Alarm("callback-lag", "callback-lag", "Twilio's callbacks reach the page late.", lag, 10_000, periods=3),
        Alarm(
            "callbacks-missing",
            "callbacks-missing",
            "Twilio's callbacks do not arrive: runs must query the outcome of calls, and lines stay occupied.",
            own_metric(settings, "dialer", "run_settled"),
            5,
            periods=3,
        ),
        Alarm(
            "calls-throttled",
            "calls-throttled",
            "Twilio throttles calls again and again; fewer leads are called than possible.",
            own_metric(settings, "dialer", "throttled"),
            10,
            periods=3,
        ),
        Alarm(
            "calls-not-permitted",
            "calls-not-permitted",
            "Twilio does not permit the account to call many of the numbers.",
            own_metric(settings, "dialer", "refused_permission"),
            10,
        ),
        Alarm(
            "pushes-failed",
            "pushes-failed",
            "Pages get no events; calls are made all the same.",
            own_metric(settings, "dialer", "pushes_failed"),
            10,
        ),
        Alarm(
            "calls-abandoned",
            "calls-abandoned",
            "More than 3 % of the calls that were answered in a week were abandoned: no agent was there.",
            own_metric(settings, "status_webhook", "abandoned_percent", "Average", Duration.days(7)),
            3,
        ),
        *_by_number(settings),
        *(_failing(name, function) for name, function in functions.items()),
        *(_throttled(name, function) for name, function in functions.items()),
    ]


def _by_number(settings: Settings) -> list[Alarm]:
    """Alarms for what gets a number labelled as spam, or shows that it is; of each number that calls are made from.

    The metrics are 100 or 0 for each call, so their 85th percentile is 100 if more than 15 % of the calls are such.
    CloudWatch evaluates that only of enough calls: 67 for 15 %, and 200 for 5 %.
    """
    day = Duration.days(1)
    rests = [
        _any(settings, "caller-id-rests", "Networks reject a number of ours; it rests.", "status_webhook", _RESTS),
        Alarm(
            "caller-id-refused",
            "caller-id-rests",
            "Twilio refuses a number of ours; it rests.",
            own_metric(settings, "dialer", "refused_caller_id"),
            0,
        ),
    ]
    for label in settings.caller_id_labels:
        short, declined = (
            own_metric(settings, "status_webhook", name, percentile, day, {"caller_id": label})
            for name, percentile in (("short_percent", "p85"), ("declined_percent", "p95"))
        )
        text = f"More than 15 % of a day's answered calls from the number {label} were shorter than 6 s."
        rests.append(Alarm(f"short-calls-{label}", "short-calls", text, short, 50, enough=True))
        text = f"Networks declined more than 5 % of a day's calls from the number {label} (SIP 603, 607, 608)."
        rests.append(Alarm(f"calls-declined-{label}", "calls-declined", text, declined, 50, enough=True))
    return rests


def _at_the_doors(settings: Settings, http: Http, socket: Socket) -> list[Alarm]:
    """Alarms for requests that the gateways reject themselves, before any function is invoked."""
    throttled = logs.MetricFilter(
        http.api,
        "Throttled",
        log_group=http.log,
        filter_pattern=logs.FilterPattern.number_value("$.status", "=", 429),
        metric_namespace=settings.name,
        metric_name="http_throttled",
    )
    return [
        Alarm("http-4xx", "gateway-4xx", "The API rejects hundreds of requests.", _of_http(http, "4xx"), 500, 3),
        Alarm(
            "http-429",
            "gateway-429",
            "The API gets more requests than its limit: callbacks and pages are rejected.",
            throttled.metric(statistic="Sum", period=FIVE_MINUTES),
            0,
        ),
        Alarm("http-5xx", "gateway-5xx", "The API fails.", _of_http(http, "5xx"), 5),
        Alarm(
            "socket-4xx",
            "gateway-4xx",
            "The socket rejects hundreds of handshakes and frames.",
            _of_socket(socket, "ClientError"),
            500,
            3,
        ),
        Alarm(
            "socket-5xx",
            "gateway-5xx",
            "The socket's gateway fails to invoke a function.",
            _of_socket(socket, "ExecutionError"),
            5,
        ),
    ]


def _of_http(http: Http, name: str) -> cloudwatch.Metric:
    return _of_gateway(name, ApiId=http.api.api_id)


def _of_socket(socket: Socket, name: str) -> cloudwatch.Metric:
    return _of_gateway(name, ApiId=socket.api.api_id, Stage=socket.stage.stage_name)


def _of_gateway(name: str, **of: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/ApiGateway", metric_name=name, dimensions_map=of, statistic="Sum", period=FIVE_MINUTES
    )


def _any(settings: Settings, name: str, description: str, service: str, metric: str) -> Alarm:
    return Alarm(name, name, description, own_metric(settings, service, metric), 0)


def _failing(name: str, function: lambda_.Function) -> Alarm:
    errors = function.metric_errors(statistic="Sum", period=FIVE_MINUTES)
    return Alarm(f"errors-{name}", "function-errors", f"{name} fails again and again.", errors, 2)


def _throttled(name: str, function: lambda_.Function) -> Alarm:
    throttles = function.metric_throttles(statistic="Sum", period=FIVE_MINUTES)
    return Alarm(f"throttles-{name}", "function-throttles", f"{name} is throttled.", throttles, 0, 2)


def _alarm(stack: Stack, settings: Settings, watched: Alarm, topic: sns.Topic) -> cloudwatch.Alarm:
    alarm = cloudwatch.Alarm(
        stack,
        "".join(word.title() for word in watched.name.replace("_", "-").split("-")) + "Alarm",
        alarm_name=f"{settings.name}-{watched.name}",
        alarm_description=f"{watched.description} What to do: {settings.runbook_url}/{watched.page}.md",
        metric=watched.metric,
        threshold=watched.threshold,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=watched.periods,
        evaluate_low_sample_count_percentile="ignore" if watched.enough else None,
        treat_missing_data=cloudwatch.TreatMissingData.IGNORE
        if watched.until_told
        else cloudwatch.TreatMissingData.NOT_BREACHING,
    )
    alarm.add_alarm_action(actions.SnsAction(topic))
    alarm.add_ok_action(actions.SnsAction(topic))
    return alarm


def _topic(stack: Stack, settings: Settings) -> sns.Topic:
    """The topic of all alarms, with a subscription for `alarm_email` if it is set."""
    topic = sns.Topic(stack, "Alarms", topic_name=f"{settings.name}-alarms", enforce_ssl=not settings.local)
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["sns:Publish"],
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
        )
    )
    if settings.alarm_email:
        topic.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))
    return topic
