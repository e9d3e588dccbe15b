using Eclusier.Adapters.Compose;
using Eclusier.Adapters.Processes;
using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Tests.Compose;

/// <summary>What an end of <c>docker compose up</c> means, by what Compose and the engine were seen to print.</summary>
public sealed class ComposeFailuresSpecs
{
    [Theory]
    [InlineData(130, "canceled")]
    [InlineData(137, "")]
    [InlineData(143, "")]
    [InlineData(2, "panic: runtime error")]
    [InlineData(1, "")]
    [InlineData(1, "something that nobody has ever seen")]
    public void What_nobody_knows_is_ambiguous(int exitCode, string lastLine) => Assert.Equal(FailureKind.Ambiguous, KindOf(exitCode, lastLine));

    [Theory]
    [InlineData(1, "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?")]
    [InlineData(1, "error during connect: Post \"http://%2Fvar%2Frun%2Fdocker.sock/v1.41/containers/create\": EOF")]
    [InlineData(1, "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock")]
    [InlineData(1, "Error response from daemon: failed to create shim task: mkdir /run/x: no space left on device: unknown")]
    public void An_engine_that_is_away_or_has_no_space_passes(int exitCode, string lastLine) => Assert.Equal(FailureKind.Transient, KindOf(exitCode, lastLine));

    [Theory]
    [InlineData(15, "service \"web\" has neither an image nor a build context specified: invalid compose project")]
    [InlineData(14, "env file /p/missing.env not found: stat /p/missing.env: no such file or directory")]
    [InlineData(1, "Error response from daemon: driver failed programming external connectivity on endpoint shop-web-1: Bind for 127.0.0.1:18080 failed: port is already allocated")]
    [InlineData(1, "Error response from daemon: Conflict. The container name \"/shop-web-1\" is already in use by container \"ab\"")]
    [InlineData(1, "container shop-web-1 is unhealthy")]
    [InlineData(1, "dependency failed to start: container shop-db-1 is unhealthy")]
    [InlineData(1, "service \"job\" didn't complete successfully: exit 4")]
    [InlineData(1, "network shop_default is ambiguous (3 matches found on name)")]
    [InlineData(1, "network X was found but has incorrect label com.docker.compose.network set to \"\"")]
    [InlineData(1, "external volume \"X\" not found")]
    [InlineData(1, "invalid mount path: 'v:/v' mount path must be absolute")]
    [InlineData(1, "can't set healthcheck.start_interval as feature require Docker Engine v25 or later")]
    public void A_refusal_is_a_failed_deployment(int exitCode, string lastLine) => Assert.Equal(FailureKind.DeploymentFailed, KindOf(exitCode, lastLine));

    private static FailureKind KindOf(int exitCode, string lastLine) =>
        ComposeFailures.OfUp(new ProcessResult(exitCode, "", $" Container shop-web-1  Starting\n{lastLine}\n", TimeSpan.Zero)).Kind;
}
