"""Custom domain names for the API and the socket; the outputs name the targets for the DNS records."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_certificatemanager as acm

from cdk.apis import Http, Socket
from cdk.settings import Settings


class Domains:
    """One regional domain name for each API with a custom domain."""

    def __init__(self, stack: Stack, settings: Settings, socket: Socket, http: Http) -> None:
        self._stack = stack
        if not settings.domain_certificate:
            return
        self._certificate = acm.Certificate.from_certificate_arn(stack, "Certificate", settings.domain_certificate)
        if settings.api_domain:
            self._map("Api", settings.api_domain, http.api, http.stage)
        if settings.socket_domain:
            self._map("Socket", settings.socket_domain, socket.api, socket.stage)

    def _map(self, title: str, name: str, api: apigateway.IApi, stage: apigateway.IStage) -> None:
        domain = apigateway.DomainName(self._stack, f"{title}Domain", domain_name=name, certificate=self._certificate)
        apigateway.ApiMapping(self._stack, f"{title}Mapping", api=api, domain_name=domain, stage=stage)
        CfnOutput(self._stack, f"{title}DomainTarget", value=domain.regional_domain_name)
