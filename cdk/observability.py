"""What somebody on call sees and is paged for: alarms to one topic, and a dashboard. Each alarm watches one metric."""

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


@dataclass(frozen=True)
class Alarm:
    """One alarm: what it means in a sentence, its page in the runbook, and the metric that is too high above *most*."""

    name: str
    page: str
    description: str
    metric: cloudwatch.IMetric
    threshold: float
    periods: int = 1
    until_told: bool = False  # goes on ringing while its metric says nothing


def watch(
    stack: Stack, settings: Settings, functions: Mapping[str, lambda_.Function], runs: Runs, http: Http, socket: Socket
) -> sns.Topic:
    """Make the alarms, the topic they go to, and the dashboard."""
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
            until_told=True,  # a queue that nobody touches for six hours says nothing any more, whatever lies in it
        ),
        Alarm("oldest-run", "oldest-run", f"A run has waited for more than {patience_s} s.", oldest, patience_s),
        _any(settings, "unknown-outcome", "It is not known whether a call was made.", "dialer", "unknown"),
        _any(settings, "account-refused", "Twilio refuses the account; nobody is called.", "dialer", "refused_account"),
        Alarm(
            "calls-not-sent",
            "calls-not-sent",
            "Twilio cannot be reached, or its credentials cannot be read; nobody is called.",
            own_metric(settings, "dialer", "not_sent"),
            2,
        ),
        _any(settings, "stray-callback", "A lead may have been called twice.", "status_webhook", "callback_stray"),
        Alarm(
            "callbacks-refused",
            "callbacks-refused",
            "Callbacks come with signatures that are not Twilio's, or not of a token we know.",
            own_metric(settings, "status_webhook", "callback_refused"),
            10,
        ),
        Alarm("callback-lag", "callback-lag", "Twilio's reports reach the page late.", lag, 10_000, periods=3),
        Alarm(
            "callbacks-missing",
            "callbacks-missing",
            "Twilio's reports do not arrive: runs have to ask what became of calls, and lines stay busy.",
            own_metric(settings, "dialer", "run_settled"),
            5,
            periods=3,
        ),
        Alarm(
            "calls-throttled",
            "calls-throttled",
            "Twilio asks for patience again and again; fewer are called than could be.",
            own_metric(settings, "dialer", "throttled"),
            10,
            periods=3,
        ),
        Alarm(
            "calls-not-permitted",
            "calls-not-permitted",
            "Twilio lets the account call many of the numbers not at all.",
            own_metric(settings, "dialer", "refused_permission"),
            10,
        ),
        Alarm(
            "pushes-failed",
            "pushes-failed",
            "Pages are not told what happens; calls are made all the same.",
            own_metric(settings, "dialer", "pushes_failed"),
            10,
        ),
        Alarm(
            "calls-abandoned",
            "calls-abandoned",
            "Of all calls that were answered in a week, more than 3 % met no agent.",
            own_metric(settings, "status_webhook", "abandoned_percent", "Average", Duration.days(7)),
            3,
        ),
        *(_failing(name, function) for name, function in functions.items()),
        *(_throttled(name, function) for name, function in functions.items()),
    ]


def _at_the_doors(settings: Settings, http: Http, socket: Socket) -> list[Alarm]:
    """What the gateways turn away by themselves, which no function ever sees."""
    throttled = logs.MetricFilter(
        http.api,
        "Throttled",
        log_group=http.log,
        filter_pattern=logs.FilterPattern.number_value("$.status", "=", 429),
        metric_namespace=settings.name,
        metric_name="http_throttled",
    )
    return [
        Alarm("http-4xx", "gateway-4xx", "The API turns requests away by the hundred.", _of_http(http, "4xx"), 500, 3),
        Alarm(
            "http-429",
            "gateway-429",
            "The API gets more requests than it may take: callbacks and pages are turned away.",
            throttled.metric(statistic="Sum", period=FIVE_MINUTES),
            0,
        ),
        Alarm("http-5xx", "gateway-5xx", "The API fails.", _of_http(http, "5xx"), 5),
        Alarm(
            "socket-4xx",
            "gateway-4xx",
            "The socket turns handshakes and frames away by the hundred.",
            _of_socket(socket, "ClientError"),
            500,
            3,
        ),
        Alarm(
            "socket-5xx",
            "gateway-5xx",
            "The socket's gateway fails to reach a function.",
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


def _any(settings: Settings, name: str, means: str, service: str, metric: str) -> Alarm:
    return Alarm(name, name, means, own_metric(settings, service, metric), 0)


def _failing(name: str, function: lambda_.Function) -> Alarm:
    errors = function.metric_errors(statistic="Sum", period=FIVE_MINUTES)
    return Alarm(f"errors-{name}", "function-errors", f"{name} fails again and again.", errors, 2)


def _throttled(name: str, function: lambda_.Function) -> Alarm:
    throttles = function.metric_throttles(statistic="Sum", period=FIVE_MINUTES)
    return Alarm(f"throttles-{name}", "function-throttles", f"{name} may not run as often as asked.", throttles, 0, 2)


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
        treat_missing_data=cloudwatch.TreatMissingData.IGNORE
        if watched.until_told
        else cloudwatch.TreatMissingData.NOT_BREACHING,
    )
    alarm.add_alarm_action(actions.SnsAction(topic))
    alarm.add_ok_action(actions.SnsAction(topic))
    return alarm


def _topic(stack: Stack, settings: Settings) -> sns.Topic:
    """Whoever shall be paged subscribes here; a mail address may be given at once."""
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
