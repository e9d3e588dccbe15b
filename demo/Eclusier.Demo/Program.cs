using System.Runtime.InteropServices;
using Eclusier.Demo;

using var stopping = new CancellationTokenSource();
var signals = new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, context =>
{
    context.Cancel = true; // stopped in order: nothing is left behind
    stopping.Cancel();
})).ToArray();

var screen = new Screen();
try
{
    await using var stage = new Stage(screen);
    await stage.SetUpAsync(stopping.Token);
    var results = await new Story(stage, screen).TellAsync(stopping.Token);
    screen.Table(results);
    return results.All(result => result.IsAsExpected) ? 0 : 1;
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    screen.Say("stopped");
    return 130;
}
catch (Exception exception)
{
    screen.Say($"the demo broke off: {exception.Message}");
    return 1;
}
finally
{
    foreach (var signal in signals)
    {
        signal.Dispose();
    }
}
