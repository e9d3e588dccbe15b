using Eclusier.Core.Deployments;

namespace Eclusier.Core.Diagnosis;

/// <summary>Makes all checks side by side; one that hangs, or fails, is a finding like any other.</summary>
public static class Examination
{
    /// <summary>What a look that was told to stop still gets, to end the programs it started.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(6);

    /// <returns>In the order of the checks, not of their ends.</returns>
    public static async Task<IReadOnlyList<CheckResult>> RunAsync(IReadOnlyList<Check> checks, TimeProvider timeProvider, CancellationToken cancellationToken) =>
        [.. (await Task.WhenAll(checks.Select(check => LookAsync(check, timeProvider, cancellationToken)))).SelectMany(findings => findings)];

    private static async Task<IReadOnlyList<CheckResult>> LookAsync(Check check, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(check.Limit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var look = Task.Run(() => check.LookAsync(either.Token), either.Token); // some ask the system, which may hang, without a way to be told to stop
        try
        {
            return await look.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAny(look, Task.Delay(Grace, timeProvider, cancellationToken));
            return [check.Problem($"no answer within {check.Limit.TotalSeconds:0.#} s", check.Remedy)];
        }
        catch (FailureException exception)
        {
            return [check.Problem(exception.Message, check.Remedy)];
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested) // one check that cannot be made must not hide the others
        {
            return [check.Problem($"cannot be looked at: {exception.Message}", check.Remedy)];
        }
    }
}
