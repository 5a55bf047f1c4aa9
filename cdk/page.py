"""The leads page in S3, served only through CloudFront. The API has the same origin, so no CORS is needed.

`make deploy` and `make page` upload the files (ops/publish_page.py); the stack has no function for that.
"""

from aws_cdk import CfnOutput, Duration, Fn, RemovalPolicy, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3

from cdk.identity import Identity
from cdk.page_headers import ALWAYS, VOICE, content_security_policy
from cdk.settings import Settings


class Page:
    """A private bucket, its CloudFront distribution, and the page's URL."""

    def __init__(self, stack: Stack, settings: Settings, identity: Identity, socket_url: str, http_url: str) -> None:
        self._stack, self._settings = stack, settings
        bucket = self._bucket()
        voice = VOICE if settings.audio == "agent" else ()
        headers = self._headers([_origin(socket_url), *identity.login_origins, *voice])
        certificate = settings.page_certificate
        self._distribution = cloudfront.Distribution(
            stack,
            "Page",
            comment=f"{settings.name}: the leads page",
            default_root_object="index.html",
            default_behavior=_from_bucket(bucket, headers, self._access()),
            additional_behaviors={"/api/*": _to_api(http_url)},
            domain_names=[settings.page_domain] if certificate else None,
            certificate=acm.Certificate.from_certificate_arn(stack, "PageCertificate", certificate)
            if certificate
            else None,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021 if certificate else None,
            price_class=cloudfront.PriceClass.PRICE_CLASS_100,
        )
        self.origin = f"https://{settings.page_domain or self._distribution.domain_name}"
        CfnOutput(stack, "PageUrl", value=f"{self.origin}/")
        CfnOutput(stack, "PageBucket", value=bucket.bucket_name)
        CfnOutput(stack, "PageDistribution", value=self._distribution.domain_name)

    def _bucket(self) -> s3.Bucket:
        return s3.Bucket(
            self._stack,
            "PageFiles",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=not self._settings.local,
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _access(self) -> cloudfront.S3OriginAccessControl:
        """The name has the region in it, like that of the headers, because both are unique in the account."""
        name = f"{self._settings.name}-page-{self._stack.region}"
        return cloudfront.S3OriginAccessControl(self._stack, "PageAccess", origin_access_control_name=name)

    def _headers(self, connects_to: list[str]) -> cloudfront.ResponseHeadersPolicy:
        policy = content_security_policy(connects_to)
        custom = [
            cloudfront.ResponseCustomHeader(header=name, value=value, override=True)
            for name, value in ALWAYS.items()
            if name in ("Permissions-Policy", "Cross-Origin-Opener-Policy")
        ]
        return cloudfront.ResponseHeadersPolicy(
            self._stack,
            "PageHeaders",
            response_headers_policy_name=f"{self._settings.name}-page-{self._stack.region}",
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(custom_headers=custom),
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=policy, override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=Duration.days(365), include_subdomains=False, override=True
                ),
            ),
        )


def _from_bucket(
    bucket: s3.Bucket, headers: cloudfront.ResponseHeadersPolicy, access: cloudfront.S3OriginAccessControl
) -> cloudfront.BehaviorOptions:
    """Cache files by their own `cache-control`: assets for ever, `index.html` and `config.json` never."""
    return cloudfront.BehaviorOptions(
        origin=origins.S3BucketOrigin.with_origin_access_control(bucket, origin_access_control=access),
        viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        response_headers_policy=headers,
    )


def _to_api(http_url: str) -> cloudfront.BehaviorOptions:
    return cloudfront.BehaviorOptions(
        origin=origins.HttpOrigin(
            Fn.select(2, Fn.split("/", http_url)), protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY
        ),
        allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
        cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
        origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        compress=False,
    )


def _origin(socket_url: str) -> str:
    """`wss://host` of `wss://host/stage`."""
    return "wss://" + Fn.select(2, Fn.split("/", socket_url))
