using System.Runtime.InteropServices;
using Eclusier.Bench;
using Eclusier.Lab;

if (Options.Parse(args) is not { } options)
{
    return 2;
}

using var stopping = new CancellationTokenSource();
var signals = new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, context =>
{
    context.Cancel = true; // stopped in order: nothing is left behind
    stopping.Cancel();
})).ToArray();

var screen = new Screen();
try
{
    var findings = new Findings();
    var loadBefore = Machine.ReadLoad();
    await new Measurements(options, findings, screen).RunAsync(stopping.Token);
    Report.WriteTable(findings, Console.Out);
    foreach (var trouble in findings.NotMeasured)
    {
        screen.Say($"NOT MEASURED: {trouble}");
    }

    if (findings.NotMeasured.Count > 0)
    {
        return 1;
    }

    if (!options.IsQuick && options.Only.Count == 0)
    {
        var machine = await Machine.ReadAsync(Environment.GetEnvironmentVariable("ECLUSIER_PROGRAM")!);
        File.WriteAllText(Report.PagePath, Report.Page(findings, options, machine, loadBefore, Machine.ReadLoad()));
        screen.Say($"written: {Report.PagePath}");
    }

    return 0;
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    screen.Say("stopped");
    return 130;
}
finally
{
    foreach (var signal in signals)
    {
        signal.Dispose();
    }
}
