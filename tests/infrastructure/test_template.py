"""What somebody who runs the installation would look for in a review of the template."""

import json
import re
import sys
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk.assertions import Template

from autocall.caller_id_table import CALLER_IDS
from autocall.installation_table import INSTALLATION
from benchmarks.cost import ALARMS
from cdk import apis
from cdk.apis import CALLBACK, FRAMES, LEADS_API, VOICE
from cdk.functions import ENVIRONMENT
from cdk.page_headers import ALWAYS
from cdk.page_headers import VOICE as VOICE_SDK
from tests.infrastructure.conftest import Synthesise, Synthesised, plain, texts

ISSUER = {"issuer": "https://login.example.com/", "audience": "page,other"}
HS256 = ISSUER | {"token_secret": "backend/signing-key"}
TWILIOS = (CALLBACK, *VOICE)
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0b1c"


# -- what is kept ------------------------------------------------------------------------------------------------------


def test_tables_outlive_the_stack_and_every_mistake(aws: Synthesised) -> None:
    """Retained when removed and when replaced, protected from deletion, and restorable to any second."""
    tables = aws.all("DynamoDB::Table")
    assert set(tables) == {"Leads", "Agents"}
    for table in tables.values():
        assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
        assert table["Properties"]["DeletionProtectionEnabled"] is True
        assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"


def test_what_lives_on_one_machine_may_be_thrown_away(local: Synthesised) -> None:
    for table in local.all("DynamoDB::Table").values():
        assert table["DeletionPolicy"] == "Delete"
        assert table["Properties"]["DeletionProtectionEnabled"] is False


def test_the_leads_tables_keys_and_index_are_what_they_will_always_be(aws: Synthesised, local: Synthesised) -> None:
    """Another key, index or name would replace the table, and an empty one calls everybody again."""
    text = {name: {"AttributeName": name, "AttributeType": "S"} for name in ("user_id", "lead_id", "due")}
    for template in (aws, local):
        leads = template.all("DynamoDB::Table")["Leads"]["Properties"]
        assert leads["TableName"] == "autocall-leads"
        assert leads["KeySchema"] == _keys("user_id", "lead_id")
        assert leads["AttributeDefinitions"] == list(text.values())
        assert leads["LocalSecondaryIndexes"] == [
            {
                "IndexName": "due",
                "KeySchema": _keys("user_id", "due"),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["zones", "held"]},
            }
        ]
        assert "GlobalSecondaryIndexes" not in leads
        assert "TimeToLiveSpecification" not in leads


def test_agents_are_kept_by_user_and_item_and_connections_expire(aws: Synthesised) -> None:
    agents = aws.all("DynamoDB::Table")["Agents"]["Properties"]
    assert agents["TableName"] == "autocall-agents"
    assert agents["KeySchema"] == _keys("user_id", "item")
    assert agents["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert "LocalSecondaryIndexes" not in agents


def test_the_pool_of_agents_and_the_pages_files_outlive_the_stack(aws: Synthesised) -> None:
    (pool,) = aws.all("Cognito::UserPool").values()
    (bucket,) = aws.all("S3::Bucket").values()
    assert pool["DeletionPolicy"] == bucket["DeletionPolicy"] == "Retain"
    assert pool["Properties"]["DeletionProtection"] == "ACTIVE"


# -- runs --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("timeout_s", [3, 30, 300])
def test_a_run_is_invisible_three_times_as_long_as_it_may_take(synthesise: Synthesise, timeout_s: int) -> None:
    """AWS refuses less than the function's timeout; after five receives the run waits for a person, for 14 days."""
    template = synthesise(function_timeout_s=str(timeout_s))
    runs, dead = (_queue(template, name) for name in ("Runs", "DeadRuns"))
    assert template.function("dialer")["Timeout"] == timeout_s
    assert runs["VisibilityTimeout"] == 3 * timeout_s
    assert plain(runs["RedrivePolicy"]) == {"deadLetterTargetArn": "<DeadRuns.Arn>", "maxReceiveCount": 5}
    assert dead["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_queues_keep_order_per_agent_and_drop_nothing_by_content(aws: Synthesised) -> None:
    for queue in aws.properties("SQS::Queue"):
        assert queue["FifoQueue"] is True
        assert "ContentBasedDeduplication" not in queue
        assert queue["DeduplicationScope"] == "messageGroup"
        assert queue["FifoThroughputLimit"] == "perMessageGroupId"


def test_one_run_a_batch_bounded_at_the_mapping(aws: Synthesised, synthesise: Synthesise) -> None:
    """Reserved concurrency would let a full dialer burn receives until healthy runs are dead letters."""
    (mapping,) = aws.properties("Lambda::EventSourceMapping")
    assert plain(mapping) == {
        "BatchSize": 1,
        "EventSourceArn": "<Runs.Arn>",
        "FunctionName": "<Dialer>",
        "ScalingConfig": {"MaximumConcurrency": 50},
    }
    (other,) = synthesise(max_concurrency="7").properties("Lambda::EventSourceMapping")
    assert other["ScalingConfig"] == {"MaximumConcurrency": 7}


def test_only_the_handshake_has_reserved_concurrency_unless_it_is_chosen(
    aws: Synthesised, synthesise: Synthesise
) -> None:
    reserved = {name: aws.function(name).get("ReservedConcurrentExecutions") for name in ENVIRONMENT}
    assert reserved == dict.fromkeys(ENVIRONMENT) | {"connect": 50}
    assert "ReservedConcurrentExecutions" not in synthesise(connect_concurrency="0").function("connect")
    chosen = synthesise(dialer_concurrency="60", webhook_concurrency="7")
    assert chosen.function("dialer")["ReservedConcurrentExecutions"] == 60
    assert chosen.function("status_webhook")["ReservedConcurrentExecutions"] == 7


def test_functions_have_the_memory_that_was_chosen_and_imports_a_whole_processor(
    aws: Synthesised, synthesise: Synthesise
) -> None:
    def memory(template: Synthesised) -> dict[str, int]:
        return {name: template.function(name)["MemorySize"] for name in ENVIRONMENT}

    assert memory(aws) == dict.fromkeys(ENVIRONMENT, 1024) | {"leads_api": 1769}
    assert memory(synthesise(memory_mb="512")) == dict.fromkeys(ENVIRONMENT, 512) | {"leads_api": 1769}
    assert memory(synthesise(memory_mb="2048")) == dict.fromkeys(ENVIRONMENT, 2048)


def test_only_the_dialer_may_queue_what_runs_it_again(aws: Synthesised) -> None:
    """Lambda would take a run that queues its own continuation for a loop, and stop it."""
    assert {name: aws.function(name).get("RecursiveLoop") for name in ENVIRONMENT} == dict.fromkeys(ENVIRONMENT) | {
        "dialer": "Allow"
    }


# -- doors -------------------------------------------------------------------------------------------------------------


def test_only_twilios_routes_are_without_a_token(aws: Synthesised) -> None:
    routes = _routes(aws, "Http")
    twilios = {f"POST {path}" for path in TWILIOS}
    assert set(routes) == {f"{method} {path}" for method, path in LEADS_API} | twilios
    assert {key for key, route in routes.items() if route["AuthorizationType"] == "NONE"} == twilios
    for key, route in routes.items():
        if key not in twilios:
            assert (route["AuthorizationType"], plain(route["AuthorizerId"])) == ("JWT", "<HttpAgent>")


def test_a_socket_is_opened_by_a_token_and_every_frame_has_its_route(aws: Synthesised) -> None:
    """API Gateway authorizes a socket once, at the handshake; nothing else of it can be."""
    routes = _routes(aws, "Socket")
    assert set(routes) == {"$connect", "$disconnect", *FRAMES}
    assert routes["$connect"]["AuthorizationType"] == "CUSTOM"
    assert plain(routes["$connect"]["AuthorizerId"]) == "<SocketToken>"
    authorizer = aws.template["Resources"][routes["$connect"]["AuthorizerId"]["Ref"]]["Properties"]
    assert authorizer["AuthorizerType"] == "REQUEST"
    assert authorizer["IdentitySource"] == ["route.request.querystring.token"]
    assert "<Connect.Arn>" in plain(authorizer["AuthorizerUri"])


@pytest.mark.parametrize(
    ("api", "key", "function"),
    [
        ("Socket", "$connect", "Connect"),
        ("Socket", "$disconnect", "Connect"),
        *(("Socket", event, "LeadsFetched") for event in FRAMES),
        *(("Http", f"{method} {path}", "LeadsApi") for method, path in LEADS_API),
        ("Http", f"POST {CALLBACK}", "StatusWebhook"),
    ],
)
def test_each_route_reaches_its_function(aws: Synthesised, api: str, key: str, function: str) -> None:
    target = _routes(aws, api)[key]["Target"]["Fn::Join"][1][1]["Ref"]
    assert f"<{function}.Arn>" in plain(aws.template["Resources"][target]["Properties"]["IntegrationUri"])


def test_functions_are_called_by_our_gateways_alone(aws: Synthesised) -> None:
    """No permission is without the API that it is for, and no function has an address of its own."""
    assert not aws.all("Lambda::Url")
    for permission in aws.properties("Lambda::Permission"):
        assert permission["Principal"] == "apigateway.amazonaws.com"
        assert re.search(r":<AWS::AccountId>:<(Socket|Http)>/", plain(permission["SourceArn"]))


def test_stages_and_open_routes_are_throttled(aws: Synthesised, synthesise: Synthesise) -> None:
    chosen = synthesise(
        http_requests_per_second="11",
        callbacks_per_second="12",
        socket_frames_per_second="13",
        handshakes_per_second="14",
    )
    assert _throttles(aws) == {  # the account's own: what is ours by default shuts nobody out
        "live": 10_000,
        "live $connect": 500,
        "$default": 10_000,
        **{f"$default POST {path}": 10_000 for path in TWILIOS},
    }
    assert list(_throttles(chosen).values()) == [13, 14, 11, *[12] * len(TWILIOS)]


def test_every_throttled_route_of_a_stage_keeps_its_own_limit() -> None:
    """Also where one's name has a dot in it."""
    stack = Stack(App(), "two")
    api = apigateway.HttpApi(stack, "Api", create_default_stage=False)
    stage = apigateway.HttpStage(stack, "Stage", http_api=api, auto_deploy=True)
    apis._throttle_routes(stage, api, {"POST /one": 5, "GET /two.csv": 7})
    (found,) = Template.from_stack(stack).find_resources("AWS::ApiGatewayV2::Stage").values()
    limits = found["Properties"]["RouteSettings"]
    assert {route: _rate(settings) for route, settings in limits.items()} == {"POST /one": 5, "GET /two.csv": 7}


def test_the_page_is_read_through_cloudfront_alone_and_encrypted(aws: Synthesised) -> None:
    (bucket,), (policy,) = aws.properties("S3::Bucket"), aws.properties("S3::BucketPolicy")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    allowed = [each for each in plain(policy["PolicyDocument"]["Statement"]) if each["Effect"] == "Allow"]
    assert allowed == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": "<PageFiles.Arn>/*",
            "Condition": {
                "StringEquals": {
                    "AWS:SourceArn": "arn:<AWS::Partition>:cloudfront::<AWS::AccountId>:distribution/<Page>"
                }
            },
        }
    ]
    (control,) = aws.properties("CloudFront::OriginAccessControl")
    assert control["OriginAccessControlConfig"]["SigningBehavior"] == "always"


@pytest.mark.parametrize("kind", ["S3::BucketPolicy", "SQS::QueuePolicy", "SNS::TopicPolicy"])
def test_nothing_is_reached_without_tls(aws: Synthesised, kind: str) -> None:
    for policy in aws.properties(kind):
        refused = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
        assert [each["Condition"] for each in refused] == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_every_queue_refuses_plain_http(aws: Synthesised) -> None:
    guarded = {name for policy in aws.properties("SQS::QueuePolicy") for name in plain(policy["Queues"])}
    assert guarded == {"<Runs>", "<DeadRuns>"}


def test_a_browser_connects_to_our_socket_our_api_and_the_login_and_to_nothing_else(aws: Synthesised) -> None:
    policy = _page_headers(aws)["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    directives = dict(each.split(" ", 1) for each in plain(policy).split("; "))
    assert directives["connect-src"].split() == [
        "'self'",
        "wss://<Socket>.execute-api.<AWS::Region>.<AWS::URLSuffix>",
        "https://cognito-idp.<AWS::Region>.<AWS::URLSuffix>",
        *VOICE_SDK,
    ]
    assert directives["default-src"] == directives["frame-ancestors"] == directives["base-uri"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert "unsafe" not in str(directives)


def test_the_pages_other_headers_hold_whatever_the_files_say(aws: Synthesised) -> None:
    headers = _page_headers(aws)
    assert headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000
    assert "microphone=(self)" in ALWAYS["Permissions-Policy"]
    assert headers["FrameOptions"]["FrameOption"] == "DENY"
    assert headers["ReferrerPolicy"]["ReferrerPolicy"] == "no-referrer"
    assert all(header["Override"] for header in headers.values())
    (page,) = aws.properties("CloudFront::Distribution")
    behaviour = page["DistributionConfig"]["DefaultCacheBehavior"]
    assert plain(behaviour["ResponseHeadersPolicyId"]) == "<PageHeaders>"
    assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https"


def test_answers_of_the_api_are_never_cached_and_never_plain(aws: Synthesised) -> None:
    (page,) = aws.properties("CloudFront::Distribution")
    (api,) = page["DistributionConfig"]["CacheBehaviors"]
    assert api["PathPattern"] == "/api/*"
    assert api["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # AWS's own: CachingDisabled
    assert api["ViewerProtocolPolicy"] == "https-only"


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_what_is_everybodys_is_written_by_few_and_deleted_by_nobody(aws: Synthesised, name: str) -> None:
    """A condition on the partition key; of each action there is one statement at most, so none is without it."""
    may_write = {}
    for statement in aws.statements(name):
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        if plain(statement["Resource"]) == "<Agents.Arn>":
            for action in {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"} & set(actions):
                assert action not in may_write
                may_write[action] = statement.get("Condition")
    may_update = {"voice": INSTALLATION, "status_webhook": CALLER_IDS}  # presses 9; a network rejects our number
    for action, condition in may_write.items():
        updates = action == "dynamodb:UpdateItem"
        shared = {INSTALLATION, "called#*", CALLER_IDS} - {may_update.get(name) if updates else None}
        if updates and name in ("dialer", "leads_api"):
            assert condition is None
        else:
            assert list(condition) == ["ForAllValues:StringNotLike"], action
            assert set(condition["ForAllValues:StringNotLike"]["dynamodb:LeadingKeys"]) == shared, action
    assert may_write


# -- secrets, logs, alarms ---------------------------------------------------------------------------------------------


def test_no_secret_is_in_the_template(aws: Synthesised, synthesise: Synthesise) -> None:
    """The secret is named, never resolved; functions read it when they run."""
    for template in (aws.template, synthesise(**HS256).template):
        found = texts(template)
        assert not [text for text in found if "{{resolve:" in text]
        assert not [text for text in found if re.search(r"\b(SK|AC)[0-9a-f]{32}\b", text)]
    assert not aws.all("SecretsManager::Secret")


def test_functions_are_told_names_and_addresses_and_no_more(aws: Synthesised) -> None:
    for name, variables in ENVIRONMENT.items():
        told = aws.function(name)["Environment"]["Variables"]
        powertools = {f"POWERTOOLS_{word}" for word in ("SERVICE_NAME", "METRICS_NAMESPACE", "LOG_LEVEL")}
        assert set(told) == powertools | set(variables.split())
        unsafe = {key for key in told if re.search("TOKEN|KEY|PASSWORD|SECRET", key)}
        assert {key: told[key] for key in unsafe} in ({}, {"TWILIO_SECRET": "autocall/twilio"}, {"TOKEN_SECRET": ""})


def test_outputs_are_addresses_and_names(aws: Synthesised) -> None:
    assert set(aws.template["Outputs"]) == {
        *("WebsocketUrl", "ManagementUrl", "HttpUrl", "PublicUrl", "SocketApiId", "HttpApiId", "Issuer", "Audience"),
        *("LeadsTable", "AgentsTable", "QueueUrl", "DeadLetterQueueUrl", "TwilioSecret", "AlarmTopic"),
        *("TwilioUrl", "Audio", "InboundFallbackUrl"),
        *("UserPoolId", "PageUrl", "PageBucket", "PageDistribution"),
    }
    assert aws.template["Outputs"]["TwilioSecret"]["Value"] == "autocall/twilio"


def test_every_log_is_kept_as_long_as_chosen(aws: Synthesised, synthesise: Synthesise) -> None:
    assert {group["RetentionInDays"] for group in aws.properties("Logs::LogGroup")} == {90}
    chosen = synthesise(log_retention="one_week")
    assert {group["RetentionInDays"] for group in chosen.properties("Logs::LogGroup")} == {7}
    written = {plain(aws.function(name)["LoggingConfig"]["LogGroup"]) for name in ENVIRONMENT}
    assert written | {"<HttpLogs>"} == {plain({"Ref": name}) for name in aws.all("Logs::LogGroup")}


def test_the_access_log_holds_no_path_query_or_token(aws: Synthesised) -> None:
    (stage,) = [each for each in aws.properties("ApiGatewayV2::Stage") if each["StageName"] == "$default"]
    logged = stage["AccessLogSettings"]
    assert plain(logged["DestinationArn"]) == "<HttpLogs.Arn>"
    assert not re.search(r"path\b|query|header|authorizer\.(?!error)", logged["Format"], re.IGNORECASE)


def test_every_function_is_traced(aws: Synthesised) -> None:
    assert {aws.function(name)["TracingConfig"]["Mode"] for name in ENVIRONMENT} == {"Active"}


def test_every_alarm_reaches_the_topic_when_it_starts_and_when_it_ends(aws: Synthesised) -> None:
    alarms = {alarm["AlarmName"].removeprefix("autocall-"): alarm for alarm in aws.properties("CloudWatch::Alarm")}
    assert set(alarms) == {
        *("dead-runs", "oldest-run", "unknown-outcome", "account-refused", "stray-callback", "callbacks-refused"),
        *("callback-lag", "callbacks-missing", "calls-not-sent", "calls-throttled", "calls-not-permitted"),
        *("pushes-failed", "http-4xx", "http-429", "http-5xx", "socket-4xx", "socket-5xx"),
        *("pushes-failed", "calls-abandoned", "caller-id-rests", "caller-id-refused"),
        *("short-calls-default", "calls-declined-default"),
        *(f"{kind}-{name}" for kind in ("errors", "throttles") for name in ENVIRONMENT),
    }
    for name, alarm in alarms.items():
        assert plain(alarm["AlarmActions"]) == plain(alarm["OKActions"]) == ["<Alarms>"]
        assert alarm["TreatMissingData"] == ("ignore" if name == "dead-runs" else "notBreaching")
        assert re.search(r"What to do: docs/runbook/[a-z0-9-]+\.md$", alarm["AlarmDescription"])


def test_what_the_gateways_turn_away_is_counted_where_aws_counts_it(aws: Synthesised) -> None:
    """By the names and dimensions of AWS's metrics; a 429 of the HTTP API only in its access log."""
    alarms = {alarm["AlarmName"].removeprefix("autocall-"): alarm for alarm in aws.properties("CloudWatch::Alarm")}
    watched = {
        name: (
            alarm["Namespace"],
            alarm["MetricName"],
            {one["Name"]: plain(one["Value"]) for one in alarm["Dimensions"]},
        )
        for name, alarm in alarms.items()
        if alarm["Namespace"] == "AWS/ApiGateway"
    }
    http, socket = {"ApiId": "<Http>"}, {"ApiId": "<Socket>", "Stage": "live"}
    assert watched == {
        "http-4xx": ("AWS/ApiGateway", "4xx", http),
        "http-5xx": ("AWS/ApiGateway", "5xx", http),
        "socket-4xx": ("AWS/ApiGateway", "ClientError", socket),
        "socket-5xx": ("AWS/ApiGateway", "ExecutionError", socket),
    }
    (throttled,) = aws.properties("Logs::MetricFilter")
    assert plain(throttled["LogGroupName"]) == "<HttpLogs>"
    assert throttled["FilterPattern"] == "{ $.status = 429 }"
    (made,) = throttled["MetricTransformations"]
    assert (made["MetricNamespace"], made["MetricName"]) == (alarms["http-429"]["Namespace"], "http_throttled")


def test_the_access_log_has_what_the_count_of_the_throttled_reads(aws: Synthesised) -> None:
    (stage,) = [each for each in aws.properties("ApiGatewayV2::Stage") if each["StageName"] == "$default"]
    assert json.loads(stage["AccessLogSettings"]["Format"])["status"] == "$context.status"


def test_every_number_has_alarms_of_its_own_by_its_label(synthesise: Synthesise) -> None:
    """The percentile of a metric that is 100 or 0 passes 50 where more than the rest of a hundred are 100."""
    template = synthesise(call_from="DE:+4930123456,DE:+4930123457,+12015550123")
    alarms = {alarm["AlarmName"].removeprefix("autocall-"): alarm for alarm in template.properties("CloudWatch::Alarm")}
    for name, metric, percentile in (
        ("short-calls", "short_percent", "p85"),
        ("calls-declined", "declined_percent", "p95"),
    ):
        found = {label: alarms[f"{name}-{label}"] for label in ("DE", "DE-2", "default")}
        assert {one for one in alarms if one.startswith(name)} == {f"{name}-{label}" for label in found}
        for label, alarm in found.items():
            assert (alarm["MetricName"], alarm["ExtendedStatistic"], alarm["Threshold"]) == (metric, percentile, 50)
            assert {one["Name"]: one["Value"] for one in alarm["Dimensions"]} == {
                "service": "status_webhook",
                "caller_id": label,
            }
            assert (alarm["Period"], alarm["EvaluateLowSampleCountPercentile"]) == (86_400, "ignore")
    assert "+4930" not in json.dumps(template.all("CloudWatch::Alarm"))


def test_the_costs_count_every_alarm(aws: Synthesised) -> None:
    assert len(aws.properties("CloudWatch::Alarm")) == ALARMS


@pytest.mark.parametrize("name", ["dead-runs", "unknown-outcome", "account-refused", "stray-callback"])
def test_once_is_enough_to_page_somebody(aws: Synthesised, name: str) -> None:
    (alarm,) = [each for each in aws.properties("CloudWatch::Alarm") if each["AlarmName"] == f"autocall-{name}"]
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (0, 1)
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


def test_the_oldest_run_is_measured_against_the_functions_timeout(synthesise: Synthesise) -> None:
    template = synthesise(function_timeout_s="60")
    (alarm,) = [each for each in template.properties("CloudWatch::Alarm") if each["AlarmName"].endswith("oldest-run")]
    assert alarm["Threshold"] == 600


def test_alarms_are_mailed_if_there_is_an_address(aws: Synthesised, synthesise: Synthesise) -> None:
    assert not aws.all("SNS::Subscription")
    (mailed,) = synthesise(alarm_email="call@example.com").properties("SNS::Subscription")
    assert (mailed["Protocol"], mailed["Endpoint"]) == ("email", "call@example.com")


# -- who may come in ---------------------------------------------------------------------------------------------------


def test_nobody_makes_themselves_an_agent(aws: Synthesised) -> None:
    (pool,) = aws.properties("Cognito::UserPool")
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] >= 12
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}


def test_the_mail_with_a_first_password_says_where_the_page_is(aws: Synthesised, synthesise: Synthesise) -> None:
    (pool,) = aws.properties("Cognito::UserPool")
    mail = plain(pool["AdminCreateUserConfig"]["InviteMessageTemplate"]["EmailMessage"])
    assert mail.startswith("https://<Page.DomainName>/ is the leads page.")
    assert {"{username}", "{####}"} <= set(re.findall(r"\{.*?\}", mail))
    (without,) = synthesise(page="no").properties("Cognito::UserPool")
    assert "InviteMessageTemplate" not in without["AdminCreateUserConfig"]


def test_the_pages_client_logs_in_by_password_and_in_no_other_way(aws: Synthesised) -> None:
    """No secret that a page cannot keep, no redirect to a host that is not ours, and tokens that end."""
    (client,) = aws.properties("Cognito::UserPoolClient")
    assert set(client["ExplicitAuthFlows"]) == {
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }
    assert client["AllowedOAuthFlowsUserPoolClient"] is False
    assert not {"AllowedOAuthFlows", "CallbackURLs", "GenerateSecret"} & set(client)
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["AccessTokenValidity"] == client["IdTokenValidity"] == 60
    assert client["RefreshTokenValidity"] == 24 * 60
    assert set(client["TokenValidityUnits"].values()) == {"minutes"}


def test_gateway_and_socket_believe_the_same_tokens(aws: Synthesised) -> None:
    assert _believed(aws) == _told_to_the_socket(aws)


def test_another_issuer_takes_the_pools_place_at_both_doors(synthesise: Synthesise) -> None:
    template = synthesise(**ISSUER)
    assert not template.all("Cognito::UserPool")
    assert _told_to_the_socket(template) == ("https://login.example.com/", ["page", "other"])
    told = template.function("connect")["Environment"]["Variables"]
    assert told["JWKS_URL"] == "https://login.example.com/.well-known/jwks.json"
    policy = plain(_page_headers(template)["ContentSecurityPolicy"]["ContentSecurityPolicy"])
    assert " https://login.example.com https://*.twilio.com " in policy
    assert "cognito" not in policy


def test_keys_may_be_published_elsewhere_than_the_issuer(synthesise: Synthesise) -> None:
    template = synthesise(**ISSUER, jwks_url="https://keys.example.com/jwks")
    assert template.function("connect")["Environment"]["Variables"]["JWKS_URL"] == "https://keys.example.com/jwks"


@pytest.mark.parametrize("issuer", [ISSUER, HS256], ids=["published keys", "a shared secret"])
def test_of_another_issuers_tokens_connect_is_the_only_judge(synthesise: Synthesise, issuer: dict[str, str]) -> None:
    template = synthesise(**issuer)
    authorizers = {each["Name"]: each for each in template.properties("ApiGatewayV2::Authorizer")}
    assert {each["AuthorizerType"] for each in authorizers.values()} == {"REQUEST"}
    assert all("<Connect.Arn>" in plain(each["AuthorizerUri"]) for each in authorizers.values())
    assert authorizers["Agent"]["AuthorizerResultTtlInSeconds"] == 0
    assert {
        route["AuthorizationType"] for key, route in _routes(template, "Http").items() if "/twilio/" not in key
    } == {"CUSTOM"}


def test_with_a_shared_secret_no_published_keys_are_believed(synthesise: Synthesise) -> None:
    """Never both kinds at once: no published keys, no pool, no page that cannot log in."""
    template = synthesise(**HS256)
    told = template.function("connect")["Environment"]["Variables"]
    assert (told["TOKEN_SECRET"], told["JWKS_URL"]) == ("backend/signing-key", "")
    assert not template.all("Cognito::UserPool")
    assert not template.all("CloudFront::Distribution")


def test_only_connect_reads_the_shared_secret(aws: Synthesised, synthesise: Synthesise) -> None:
    template = synthesise(**HS256)
    readers = {name for name in ENVIRONMENT if "secret:backend/signing-key-" in str(plain(template.statements(name)))}
    assert readers == {"connect"}
    assert "secretsmanager" not in str(aws.statements("connect"))


# -- what may be chosen ------------------------------------------------------------------------------------------------


def test_stages_live_side_by_side(aws: Synthesised, synthesise: Synthesise) -> None:
    """No name is in both, of whatever carries one; not even the secret's."""
    other = synthesise(stage="prod")
    assert other.path.name == "autocall-prod.template.json"
    assert len(_names(aws)) > 30
    assert _names(aws) & _names(other) == set()
    assert other.function("dialer")["Environment"]["Variables"]["TWILIO_SECRET"] == "autocall-prod/twilio"
    assert not [output for output in aws.template["Outputs"].values() if "Export" in output]


@pytest.mark.parametrize("kind", ["CloudFront::OriginAccessControl", "CloudFront::ResponseHeadersPolicy"])
def test_what_is_named_for_the_whole_account_names_its_region_too(aws: Synthesised, kind: str) -> None:
    """So that the same installation may stand in two of them."""
    ((_, _, name),) = [known for known in _names(aws) if known[0] == kind]
    assert "<AWS::Region>" in name


def test_a_stages_functions_reach_nothing_of_another(synthesise: Synthesise) -> None:
    other = synthesise(stage="prod")
    for name in ENVIRONMENT:
        assert "secret:autocall/" not in str(plain(other.statements(name)))


def test_domains_of_ones_own_replace_the_gateways_addresses(synthesise: Synthesise) -> None:
    """The addresses in outputs, environment and policy are the domains', and the API's own is closed."""
    template = synthesise(
        api_domain="api.example.com",
        socket_domain="socket.example.com",
        domain_certificate=CERTIFICATE,
        page_domain="calls.example.com",
        page_certificate=CERTIFICATE,
    )
    assert {each["DomainName"] for each in template.properties("ApiGatewayV2::DomainName")} == {
        "api.example.com",
        "socket.example.com",
    }
    mapped = {
        (plain(each["ApiId"]), plain(each["DomainName"])) for each in template.properties("ApiGatewayV2::ApiMapping")
    }
    assert mapped == {("<Http>", "<ApiDomain>"), ("<Socket>", "<SocketDomain>")}
    outputs = {name: plain(output["Value"]) for name, output in template.template["Outputs"].items()}
    assert outputs["HttpUrl"] == outputs["PublicUrl"] == "https://api.example.com"
    assert outputs["WebsocketUrl"] == "wss://socket.example.com"
    assert outputs["PageUrl"] == "https://calls.example.com/"
    assert {"ApiDomainTarget", "SocketDomainTarget"} <= set(outputs)
    (http,) = [each for each in template.properties("ApiGatewayV2::Api") if each["ProtocolType"] == "HTTP"]
    assert http["DisableExecuteApiEndpoint"] is True
    assert "wss://socket.example.com " in plain(
        _page_headers(template)["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    )
    (page,) = template.properties("CloudFront::Distribution")
    assert page["DistributionConfig"]["Aliases"] == ["calls.example.com"]
    assert page["DistributionConfig"]["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    told = {name: plain(template.function(name)["Environment"]["Variables"]) for name in ENVIRONMENT}
    assert told["dialer"]["PUBLIC_URL"] == told["status_webhook"]["PUBLIC_URL"] == "https://api.example.com"
    assert told["connect"]["ALLOWED_ORIGINS"] == "https://calls.example.com"
    assert "execute-api" in told["dialer"]["WEBSOCKET_URL"]  # pushes go to the API itself


def test_without_the_page_there_is_nothing_of_it(synthesise: Synthesise) -> None:
    template = synthesise(page="no")
    kinds = {resource["Type"] for resource in template.template["Resources"].values()}
    assert not [kind for kind in kinds if "CloudFront" in kind or "S3" in kind]
    assert not [name for name in template.template["Outputs"] if name.startswith("Page")]
    assert template.function("connect")["Environment"]["Variables"]["ALLOWED_ORIGINS"] == ""


def test_pages_elsewhere_are_let_in_by_name_only(aws: Synthesised, synthesise: Synthesise) -> None:
    """Cross-origin requests are refused, but from the listed origins."""
    assert all("CorsConfiguration" not in each for each in aws.properties("ApiGatewayV2::Api"))
    template = synthesise(allowed_origins="https://a.example.com,https://b.example.com")
    (cors,) = [
        each["CorsConfiguration"] for each in template.properties("ApiGatewayV2::Api") if "CorsConfiguration" in each
    ]
    assert cors["AllowOrigins"] == ["https://a.example.com", "https://b.example.com"]
    assert cors["ExposeHeaders"] == ["x-next-cursor"]
    told = plain(template.function("connect")["Environment"]["Variables"]["ALLOWED_ORIGINS"])
    assert told == "https://a.example.com,https://b.example.com,https://<Page.DomainName>"


def test_the_template_is_for_any_account_and_region(aws: Synthesised) -> None:
    found = " ".join(texts(aws.template))
    assert not re.search(r"\b\d{12}\b", found)
    assert not re.search(r"\b(us|eu|ap)-[a-z]+-\d\b", found)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_function_runs_on_what_its_asset_is_built_for(aws: Synthesised, name: str) -> None:
    """Lambda's Arm, and the Python whose bytecode it ships."""
    function = aws.function(name)
    assert function["Architectures"] == ["arm64"]
    assert function["Runtime"] == f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert function["Handler"] == f"functions.{name}.handler.handler"


# ----------------------------------------------------------------------------------------------------------------------


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def _queue(template: Synthesised, name: str) -> dict[str, Any]:
    (found,) = [each for key, each in template.all("SQS::Queue").items() if plain({"Ref": key}) == f"<{name}>"]
    properties: dict[str, Any] = found["Properties"]
    return properties


def _routes(template: Synthesised, api: str) -> dict[str, dict[str, Any]]:
    routes = template.properties("ApiGatewayV2::Route")
    return {route["RouteKey"]: route for route in routes if plain(route["ApiId"]) == f"<{api}>"}


def _throttles(template: Synthesised) -> dict[str, int]:
    found: dict[str, int] = {}
    for stage in template.properties("ApiGatewayV2::Stage"):
        found[stage["StageName"]] = _rate(stage["DefaultRouteSettings"])
        for route, settings in stage["RouteSettings"].items():
            found[f"{stage['StageName']} {route}"] = _rate(settings)
    return found


def _rate(settings: dict[str, int]) -> int:
    assert settings["ThrottlingBurstLimit"] == min(2 * settings["ThrottlingRateLimit"], 5000)
    return settings["ThrottlingRateLimit"]


def _page_headers(template: Synthesised) -> dict[str, Any]:
    (policy,) = template.properties("CloudFront::ResponseHeadersPolicy")
    headers: dict[str, Any] = policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    return headers


def _believed(template: Synthesised) -> tuple[str, list[str]]:
    """The issuer and the audiences of the HTTP API's authorizer."""
    (jwt,) = [each for each in template.properties("ApiGatewayV2::Authorizer") if each["AuthorizerType"] == "JWT"]
    return plain(jwt["JwtConfiguration"]["Issuer"]), plain(jwt["JwtConfiguration"]["Audience"])


def _told_to_the_socket(template: Synthesised) -> tuple[str, list[str]]:
    told = plain(template.function("connect")["Environment"]["Variables"])
    return told["ISSUER"], told["AUDIENCE"].split(",")


_ABOUT_OTHERS = ("Lambda::Permission", "Lambda::EventSourceMapping", "Logs::MetricFilter")


def _names(template: Synthesised) -> set[tuple[str, str, str]]:
    """What must be unique in an account and region: the kind of thing, and the name that the template gives it."""
    within_others = {"ApiGatewayV2::Authorizer", "Cognito::UserPoolGroup"}
    found = set()
    for resource in template.template["Resources"].values():
        kind = resource["Type"].removeprefix("AWS::")
        for text in (
            "TableName",
            "FunctionName",
            "LogGroupName",
            "UserPoolName",
            "AlarmName",
            "DashboardName",
            "TopicName",
        ):
            if text in resource["Properties"] and kind not in _ABOUT_OTHERS:
                found.add((kind, text, str(plain(resource["Properties"][text]))))
        for config in (resource["Properties"], *resource["Properties"].values()):
            if isinstance(config, dict) and "Name" in config and kind not in within_others:
                found.add((kind, "Name", str(plain(config["Name"]))))
    return found
