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
    var machine = await Machine.ReadAsync(Environment.GetEnvironmentVariable("ECLUSIER_PROGRAM")!);
    await new Measurements(options, findings, screen).RunAsync(WritePage, stopping.Token);
    Report.WriteTable(findings, Console.Out);
    foreach (var trouble in findings.NotMeasured)
    {
        screen.Say($"NOT MEASURED: {trouble}");
    }

    if (findings.NotMeasured.Count > 0)
    {
        return 1;
    }

    return 0;

    // after each measurement: a run takes long, and what was measured is measured
    void WritePage()
    {
        if (!options.IsQuick && options.Only.Count == 0)
        {
            File.WriteAllText(Report.PagePath, Report.Page(findings, options, machine, loadBefore, Machine.ReadLoad()));
            screen.Say($"written: {Report.PagePath}");
        }
    }
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
