using System.Net.Sockets;
using Eclusier.Adapters.Http;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.Liveness;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Probes;

/// <summary>Runs the probes that a stack's configuration names.</summary>
public sealed class HealthProbes(IEngine engine, TimeProvider timeProvider) : IHealthProbe
{
    private readonly HttpProbe http = new(timeProvider);

    public async Task<ProbeResult> ProbeAsync(Stack stack, Probe probe, CancellationToken cancellationToken)
    {
        using var expected = SignsOfLife.Expect($"probe {probe.Title}", probe.Timeout);
        using var deadline = new CancellationTokenSource(probe.Timeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var result = probe switch
            {
                Probe.Http request => await http.RunAsync(request, either.Token),
                Probe.Tcp connection => await ConnectAsync(connection, either.Token),
                Probe.Exec command => await ExecuteAsync(stack, command, either.Token),
                _ => throw new ArgumentException($"unknown probe: {probe.Title}", nameof(probe)),
            };
            cancellationToken.ThrowIfCancellationRequested();
            return result;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            if (probe is Probe.Exec)
            {
                await engine.ReadVersionAsync(cancellationToken); // throws when it was the engine that did not answer: that says nothing about the service
            }

            return new ProbeResult(false, $"no answer within {probe.Timeout.TotalSeconds:0.#}s");
        }
    }

    private static async Task<ProbeResult> ConnectAsync(Probe.Tcp probe, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(probe.Host, probe.Port, cancellationToken);
            return new ProbeResult(true, "connected");
        }
        catch (SocketException exception)
        {
            return new ProbeResult(false, ConnectionTrouble.Describe(exception));
        }
    }

    private async Task<ProbeResult> ExecuteAsync(Stack stack, Probe.Exec probe, CancellationToken cancellationToken)
    {
        var live = await engine.ObserveAsync(stack.Project, cancellationToken);
        if (live.Of(probe.Service).FirstOrDefault(container => container.IsRunning) is not { } container)
        {
            return new ProbeResult(false, $"no container of {probe.Service} is running");
        }

        try
        {
            var result = await engine.ExecAsync(container.Id, probe.Command, cancellationToken);
            var output = ProbeText.Shorten(result.Output);
            return new ProbeResult(result.ExitCode == 0, output.Length == 0 ? $"exit code {result.ExitCode}" : $"exit code {result.ExitCode}: {output}");
        }
        catch (FailureException exception) when (exception.Kind != FailureKind.Transient)
        {
            return new ProbeResult(false, ProbeText.Shorten(exception.Message)); // the container stopped in the meantime, for example
        }
    }
}
