"""Addresses that carry a signature (AWS Signature Version 4, query parameters).

The minio client signs the host alone, so that whoever has an address may send as much as they
like. Here other headers are signed as well: the store then refuses a body of another length.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlsplit


@dataclass(frozen=True)
class Signer:
    access_key: str
    secret_key: str = field(repr=False)
    region: str

    def signed(
        self,
        method: str,
        url: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        *,
        now: datetime,
        seconds: int,
    ) -> str:
        """`url` for `method`, valid `seconds` from `now` (UTC) for a request with `headers`.

        The path must be quoted already. "Authenticating Requests: Using Query Parameters" of the
        S3 API reference says each step; the body is not signed (UNSIGNED-PAYLOAD).
        """
        parts = urlsplit(url)
        signed = {"host": parts.netloc} | {name.lower(): v for name, v in headers.items()}
        names = ";".join(sorted(signed))
        moment, day = f"{now:%Y%m%dT%H%M%SZ}", f"{now:%Y%m%d}"
        scope = f"{day}/{self.region}/s3/aws4_request"
        arguments = {
            **query,
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{self.access_key}/{scope}",
            "X-Amz-Date": moment,
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": names,
        }
        pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in arguments.items())
        asked = "&".join(f"{name}={value}" for name, value in pairs)
        told = "".join(f"{name}:{signed[name].strip()}\n" for name in sorted(signed))
        request = f"{method}\n{parts.path}\n{asked}\n{told}\n{names}\nUNSIGNED-PAYLOAD"
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}"
        signature = hmac.new(self._key(day), text.encode(), hashlib.sha256).hexdigest()
        return f"{url}?{asked}&X-Amz-Signature={signature}"

    def _key(self, day: str) -> bytes:
        key = f"AWS4{self.secret_key}".encode()
        for part in (day, self.region, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key
