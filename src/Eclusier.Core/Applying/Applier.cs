using System.Text.Json.Nodes;
using Eclusier.Core.Compose;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.History;
using Eclusier.Core.Liveness;
using Eclusier.Core.Preparing;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Applying;

/// <summary>Makes the host run a release: the work tree first, then Compose. Going back is the same with an older release.</summary>
public sealed partial class Applier(IWorkTree workTree, ICompose compose, IEngine engine, LeftoverSweep sweep, Repairs repairs, Reloads reloads, SpellingLocks spellings, IReleaseStore releases, Holdups holdups, TimeProvider timeProvider, ILogger<Applier> logger)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Applies without network. What is begun is brought to its end: only the wait for an engine that is away can be cancelled.
    /// </summary>
    /// <exception cref="FailureException">Deployment failed, or rejected: the host may have been touched.</exception>
    public async Task ApplyAsync(Stack stack, Release release, CancellationToken cancellationToken)
    {
        LiveStack? before = null;
        var edited = new List<string>();
        var ends = new AmbiguousEnds();
        var model = releases.LoadModel(release.Stack, release.Id);
        var round = reloads.Begin(stack, model);
        var isUp = false;
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    if (before is null)
                    {
                        before = await engine.ObserveAsync(release.Project, CancellationToken.None);
                    }
                    else if (!isUp)
                    {
                        await engine.ReadVersionAsync(CancellationToken.None); // here, too: an engine that is away is found before files are moved
                    }

                    if (!isUp)
                    {
                        await ApplyOnceAsync(stack, release, model, edited, round);
                        isUp = true;
                    }

                    await round.FinishAsync(release.Project);
                    return;
                }
                catch (FailureException exception) when (exception.Kind is FailureKind.Transient or FailureKind.Ambiguous)
                {
                    if (!isUp && round.HasMoved && await IsAppliedAllTheSameAsync(release, before, edited, exception.Failure, ends))
                    {
                        Log.AppliedAllTheSame(logger, stack.Name, release.Number, exception.Message);
                        isUp = true;
                        continue;
                    }

                    var pause = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, attempt - 1), LongestPause.TotalSeconds));
                    holdups.Note(stack.Name, exception.Message);
                    Log.TryingAgain(logger, stack.Name, release.Number, pause.TotalSeconds, exception.Message);
                    using var expected = SignsOfLife.Expect("the next try to apply", pause);
                    await Task.Delay(pause, timeProvider, cancellationToken);
                }
            }
        }
        finally
        {
            holdups.End(stack.Name);
        }
    }

    /// <summary>Nobody knows how it ended: what runs tells.</summary>
    /// <exception cref="FailureException">Deployment failed: it has ended so too often.</exception>
    private async Task<bool> IsAppliedAllTheSameAsync(Release release, LiveStack? before, IReadOnlyList<string> edited, Failure failure, AmbiguousEnds ends)
    {
        if (before is null)
        {
            return false; // the engine was away from the beginning: nothing has begun
        }

        LiveStack live;
        try
        {
            live = await engine.ObserveAsync(release.Project, CancellationToken.None);
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Transient)
        {
            return false; // it is tried again once the engine is back, and is then the same question
        }

        var isLeftDown = live.Containers.Any(container => !container.IsRunning && before.Containers.Any(earlier => earlier.Id == container.Id && !earlier.IsRunning)); // `up` would have started it
        if (edited.Count == 0 && !isLeftDown && !AmbiguousEnds.AreSame(before, live) && ContainerExam.IsApplied(release, live))
        {
            return true;
        }

        if (failure.Kind is FailureKind.Ambiguous && !ends.MayTryAgain(isUntouched: AmbiguousEnds.AreSame(before, live)))
        {
            throw new FailureException(failure with { Kind = FailureKind.DeploymentFailed, Message = $"{failure.Message}; tried {ends.Count} times" });
        }

        return false;
    }

    /// <param name="edited">Files that were edited on the host; a later attempt no longer sees those of an earlier one.</param>
    private async Task ApplyOnceAsync(Stack stack, Release release, JsonObject model, List<string> edited, ReloadRound round)
    {
        if (release.Revision is { } revision)
        {
            var saved = await workTree.MoveAsync(stack, revision.Commit, round.InPlace, CancellationToken.None);
            if (saved is not null)
            {
                edited.AddRange(saved.Files);
                if (saved.Patch is { } patch)
                {
                    Log.EditsSaved(logger, stack.Name, patch);
                }
            }
        }

        string[] editedPaths = [.. edited.Select(file => Path.Combine(workTree.PathOf(stack), file))];
        await round.AfterMoveAsync(release.Project, editedPaths);
        var modelPath = releases.ModelPath(release.Stack, release.Id);
        var spelled = TakenOver.NamesIn(model, release).ToList();
        using var held = await spellings.TakeAsync(spelled.Select(image => image.Name));
        foreach (var (name, imageId) in spelled)
        {
            await engine.TagAsync(imageId, name, CancellationToken.None); // somebody may have pulled something else under it
        }

        var live = await sweep.RunAsync(stack, release, CancellationToken.None);
        var stale = await repairs.MakeAsync(release, model, live, editedPaths, round);
        if (stale.Count > 0)
        {
            await compose.RecreateAsync(release, modelPath, stale, CancellationToken.None);
        }

        await compose.UpAsync(release, modelPath, CancellationToken.None);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Stack}: How applying release #{Release} ended is not known, but the host runs it: {Reason}")]
        public static partial void AppliedAllTheSame(ILogger logger, StackName stack, int release, string reason);

        [LoggerMessage(LogLevel.Warning, "{Stack}: Applying release #{Release} is tried again in {Seconds} s: {Reason}")]
        public static partial void TryingAgain(ILogger logger, StackName stack, int release, double seconds, string reason);

        [LoggerMessage(LogLevel.Warning, "{Stack}: Local edits to tracked files were saved to {Patch} and overwritten")]
        public static partial void EditsSaved(ILogger logger, StackName stack, string patch);
    }
}
