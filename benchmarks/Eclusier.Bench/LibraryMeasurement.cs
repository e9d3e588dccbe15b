using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>What each library costs. It writes a page of its own: the table has a line for each of them.</summary>
internal sealed class LibraryMeasurement(Options options, Screen screen)
{
    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await using var ground = await Ground.SetUpAsync();
        var agent = new Agent(ground, ground.Host.NewStack("bench-libraries"));
        ground.Host.Configure($"interval: 15s\nstacks:\n{agent.Configuration}");
        await agent.SetUpAsync(cancellationToken);
        screen.Say($"the daemon idles for {options.Idle.TotalSeconds:0} s");
        await Task.Delay(options.Idle, cancellationToken);
        var costs = await LibraryCost.ReadAsync(ground.Host);
        var page = Report.LibrariesPage(costs, ProcessCost.ReadMemory(ground.Host.DaemonId), options.Idle, (await Tool.RunAsync(ground.Host.Program, "--version")).Split('\n')[0]);
        if (options.IsQuick)
        {
            screen.Say(page);
            return;
        }

        await File.WriteAllTextAsync(Report.LibrariesPath, page, cancellationToken);
        screen.Say($"written: {Report.LibrariesPath}");
    }
}
