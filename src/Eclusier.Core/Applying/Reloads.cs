using System.Text.Json.Nodes;
using Eclusier.Core.Engine;
using Eclusier.Core.History;
using Eclusier.Core.Preparing;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Applying;

/// <summary>Knows what services that are told by a signal (<see cref="ReloadSignal"/>) have loaded of the files they mount, and what a release asks of them.</summary>
public sealed class Reloads(IEngine engine, IHostFiles files, IWorkTree workTree, IJournal journal, IReleaseStore releases, ILogger<Reloads> logger)
{
    /// <summary>What applying the model means for each such service whose container stays.</summary>
    /// <param name="model">Of a release or candidate, with its contents.</param>
    public IReadOnlyDictionary<string, Reload> Look(Stack stack, JsonObject model)
    {
        var state = journal.ReadState(stack.Name);
        return Compare(stack, model, LoadedFiles.Parse(state.LoadedFiles), new Lazy<JsonObject?>(() => RunningModel(state)), edited: []);
    }

    /// <summary>Before files are moved: from now on nobody relies on what was loaded.</summary>
    public ReloadRound Begin(Stack stack, JsonObject model)
    {
        var state = journal.ReadState(stack.Name);
        var known = LoadedFiles.Parse(state.LoadedFiles);
        var running = new Lazy<JsonObject?>(() => RunningModel(state)); // few stacks have such services
        if (known.Any(loaded => loaded.Content != LoadedFiles.Unknown))
        {
            journal.RecordLoadedFiles(stack.Name, LoadedFiles.Format(known.Select(loaded => loaded with { Content = LoadedFiles.Unknown })));
        }

        return new ReloadRound(stack, model, workTree.PathOf(stack), engine, logger, edited => Compare(stack, model, known, running, edited), () => Record(stack, model));
    }

    private Dictionary<string, Reload> Compare(Stack stack, JsonObject model, IReadOnlyList<LoadedFiles> known, Lazy<JsonObject?> running, IReadOnlyList<string> edited)
    {
        var reloads = new Dictionary<string, Reload>();
        foreach (var (service, definition) in ComposeModel.ServicesOf(model))
        {
            if (ContentLabels.ReloadHashIn(model, service) is { } content && ReloadSignal.Of(definition) is { } signal)
            {
                var loaded = known.FirstOrDefault(other => other.Service == service);
                var isInPlace = loaded is not null && loaded.Places == PlacesOf(stack, model, service);
                var before = loaded?.Content ?? ContentLabels.ReloadHashIn(running.Value, service);
                var isEdited = edited.Count > 0 && ContentLabels.FilesIn(model, service, workTree.PathOf(stack)).Any(file => edited.Any(path => IsAt(path, file)));
                reloads[service] = new Reload(signal, before is null || (before == content && !isEdited && (isInPlace || loaded is null)) ? ReloadNeed.None : isInPlace ? ReloadNeed.Signal : ReloadNeed.Recreation);
            }
        }

        return reloads;
    }

    /// <summary>Everybody has been told, or has begun anew: what the files are now is what is loaded.</summary>
    private void Record(Stack stack, JsonObject model)
    {
        var loaded = LoadedFiles.Format(ComposeModel.ServicesOf(model)
            .Select(service => (Name: service.Key, Content: ContentLabels.ReloadHashIn(model, service.Key)))
            .Where(service => service.Content is not null)
            .Select(service => new LoadedFiles(service.Name, service.Content!, PlacesOf(stack, model, service.Name))));
        if (loaded != (journal.ReadState(stack.Name).LoadedFiles ?? ""))
        {
            journal.RecordLoadedFiles(stack.Name, loaded);
        }
    }

    private string PlacesOf(Stack stack, JsonObject model, string service) =>
        ModelHash.Of(string.Join('\n', ContentLabels.FilesIn(model, service, workTree.PathOf(stack)).Select(file => $"{file} {files.PlaceOf(file)}")))[..16];

    private JsonObject? RunningModel(StackState state) =>
        (state.Applied ?? state.LastKnownGood) is { } number && journal.FindRelease(state.Stack, number) is { } entry ? releases.FindWholeModel(state.Stack, entry.Id) : null;

    private static bool IsAt(string path, string fileOrFolder) => path == fileOrFolder || path.StartsWith(fileOrFolder.TrimEnd('/') + "/", StringComparison.Ordinal);
}

/// <summary>What a release asks of a service that is told by a signal, if its container stays.</summary>
/// <param name="Signal">The signal's name, <c>SIGHUP</c>.</param>
public sealed record Reload(string Signal, ReloadNeed Need);

/// <summary>What has to be done so that a container uses the files of a release.</summary>
public enum ReloadNeed
{
    None,

    /// <summary>It sees the new content, and has to be told.</summary>
    Signal,

    /// <summary>It goes on seeing an old file in the place of the new one, or nobody knows what it sees.</summary>
    Recreation,
}
