using Eclusier.Core.Stacks;

namespace Eclusier.Workers;

/// <summary>What the work on a stack has to say when it does not go as it should.</summary>
internal static partial class WorkLog
{
    [LoggerMessage(LogLevel.Warning, "{Stack}: What was interrupted cannot be finished yet: {Reason}")]
    public static partial void RecoveryDelayed(ILogger logger, StackName stack, string reason);

    [LoggerMessage(LogLevel.Error, "{Stack}: What is done cannot be written down, so nothing is begun until it can: {Reason}")]
    public static partial void Unwritten(ILogger logger, StackName stack, string reason);

    [LoggerMessage(LogLevel.Error, "{Stack}: The pass ended unexpectedly")]
    public static partial void Broken(ILogger logger, Exception exception, StackName stack);
}
