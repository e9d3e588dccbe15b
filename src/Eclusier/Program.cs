using Eclusier.Adapters.Configuration;
using Eclusier.Adapters.Memory;
using Eclusier.Adapters.Processes;
using Eclusier.Commands;
using Eclusier.Operations;
using Eclusier.Output;
using Monitor = Eclusier.Workers.Monitor;

NativeHeap.ShareBetweenThreads(); // first: a heap that a thread has got stays
var version = ProgramVersion.Of(typeof(CommandLine).Assembly);
var terminal = Terminal.OfProcess(Environment.GetEnvironmentVariable);
var timeProvider = TimeProvider.System;
var context = new CommandContext
{
    Terminal = terminal,
    TimeProvider = timeProvider,
    Version = version,
    ReadConfiguration = ReadFile,
    ConfigurationSchema = ConfigurationSchema.ToText,
    Processes = new ProcessRunner(timeProvider),
    OpenLocalAgent = new LocalAgents(timeProvider).OpenAsync,
    RunMonitor = new Monitor(ReadFile, timeProvider, version.Version).RunAsync,
};
using var interruption = new Interruption(terminal);
return await CommandLine.RunAsync(args, context, interruption.Token);

static ConfigurationReading ReadFile(string path)
{
    var read = ConfigurationLoader.Load(path, Environment.GetEnvironmentVariable);
    return new ConfigurationReading(read.Settings, [.. read.Problems.Select(problem => $"{problem}")], [.. read.Warnings.Select(warning => $"{warning}")]);
}
