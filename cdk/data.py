"""The data: the tables of leads and agents, and the queue of runs."""

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_sqs as sqs

from cdk.settings import Settings

RECEIVES = 5


class Tables:
    """Leads and Agents. Their names are fixed, so that no deployment can replace a full table by an empty one."""

    def __init__(self, stack: Stack, settings: Settings) -> None:
        self._stack, self._settings = stack, settings
        self.leads = self._table("Leads", "user_id", "lead_id")
        self.leads.add_local_secondary_index(
            index_name="due",
            sort_key=_text("due"),
            projection_type=dynamodb.ProjectionType.INCLUDE,
            non_key_attributes=["zones", "held"],
        )
        self.agents = self._table("Agents", "user_id", "item", expires="expires_at")

    def _table(self, name: str, partition: str, sort: str, expires: str | None = None) -> dynamodb.Table:
        thrown_away = self._settings.local
        table = dynamodb.Table(
            self._stack,
            name,
            table_name=f"{self._settings.name}-{name.lower()}",
            partition_key=_text(partition),
            sort_key=_text(sort),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute=expires,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=not thrown_away,
            removal_policy=RemovalPolicy.DESTROY if thrown_away else RemovalPolicy.RETAIN,
        )
        table.node.default_child.override_logical_id(name)  # type: ignore[union-attr]  # a table has its CfnTable
        return table


class Runs:
    """The queue has one group per agent, so one run per agent at a time.

    After 5 receives a message goes to the dead-letter queue.
    """

    def __init__(self, stack: Stack, settings: Settings) -> None:
        self.dead = self._queue(stack, "DeadRuns", settings, retention_period=Duration.days(14))
        self.queue = self._queue(
            stack,
            "Runs",
            settings,
            visibility_timeout=Duration.seconds(3 * settings.function_timeout_s),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead, max_receive_count=RECEIVES),
        )

    @staticmethod
    def _queue(stack: Stack, name: str, settings: Settings, **options: object) -> sqs.Queue:
        make: type[sqs.Queue] = sqs.Queue
        return make(
            stack,
            name,
            fifo=True,
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP,
            fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
            enforce_ssl=not settings.local,
            **options,  # type: ignore[arg-type]
        )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
