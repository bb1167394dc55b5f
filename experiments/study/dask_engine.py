"""A dask.distributed cluster as an engine."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager

from distributed import Client, KilledWorker
from distributed.security import Security

from experiments.study.engines import EngineSettings, Pool, one_line
from simulator import SettingsError
from simulator.files import model_version


class DaskEngine:
    """Runs on the workers of a scheduler that is running already."""

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings

    def check(self) -> None:
        """Connect once.

        Raises:
            SettingsError: If no scheduler is at the address, or it has no worker, or another version of the model.
        """
        self._connect().close()

    @contextmanager
    def pool(self, *, single: bool = False) -> Iterator[Pool]:
        """A connection to the cluster."""
        with self._connect() as client:
            executor = client.get_executor(pure=False)
            try:
                # Workers may come and go.
                yield Pool(executor, lambda: max(1, sum(client.ncores().values())))
            finally:
                executor.shutdown(wait=False)

    def is_lost_worker(self, error: BaseException) -> bool:
        """Dask gives up on a task whose workers died several times; the task beside it may be the culprit."""
        return isinstance(error, KilledWorker | CancelledError)

    def _connect(self) -> Client:
        s = self.settings
        tls = {"tls_ca_file": s.ca_file, "tls_client_cert": s.cert_file, "tls_client_key": s.key_file}
        security = Security(require_encryption=True, **tls) if str(s.address).startswith("tls") else None
        try:
            client = Client(s.address, security=security, timeout=s.patience_seconds)
        except (OSError, ValueError, TypeError) as error:
            raise SettingsError(f"engine.address={s.address}: no scheduler answers there ({error})") from None
        try:
            self._check(client)
        except BaseException:
            client.close()
            raise
        return client

    def _check(self, client: Client) -> None:
        """Refuse a cluster without workers, or with another version of the model."""
        s = self.settings
        try:
            client.wait_for_workers(1, timeout=s.patience_seconds)
        except TimeoutError:
            raise SettingsError(
                f"engine.address={s.address}: the scheduler has no workers; start one with `dask worker {s.address}`"
            ) from None
        try:
            versions = {"the scheduler": client.run_on_scheduler(model_version), **client.run(model_version)}
        except Exception as error:  # whatever happens there, this project is not what it is here
            raise SettingsError(
                f"engine.address={s.address}: the cluster cannot load this project ({one_line(error)}); install it"
            ) from None
        for place, version in versions.items():
            if version != model_version():
                raise SettingsError(
                    f"engine.address={s.address}: {place} has version {version} of the model, this machine "
                    f"{model_version()}; install the same on both"
                )
