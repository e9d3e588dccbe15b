using System.Text.Json.Nodes;
using Eclusier.Core.Compose;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.CrashPoints;

/// <summary>Compose with a crash point before and after each call, and some while <c>up</c> runs: its process is then an orphan.</summary>
internal sealed class CrashingCompose(ICompose compose, CrashPoint point, TimeProvider timeProvider) : ICompose
{
    private static readonly TimeSpan RunningStep = TimeSpan.FromMilliseconds(200);
    private const int RunningPoints = 8;

    public Task<string> ReadVersionAsync(CancellationToken cancellationToken) => point.AroundAsync("compose.version", () => compose.ReadVersionAsync(cancellationToken));

    public Task<RenderedModel> RenderAsync(Stack stack, Revision revision, StagedTree tree, CancellationToken cancellationToken) =>
        point.AroundAsync("compose.render", () => compose.RenderAsync(stack, revision, tree, cancellationToken));

    public Task<RenderedModel> RenderRunningAsync(RunningProject project, CancellationToken cancellationToken) =>
        point.AroundAsync("compose.render-running", () => compose.RenderRunningAsync(project, cancellationToken));

    public Task BuildAsync(Stack stack, RenderedModel model, StagedTree tree, IReadOnlyDictionary<string, string> images, CancellationToken cancellationToken) =>
        point.AroundAsync("compose.build", () => compose.BuildAsync(stack, model, tree, images, cancellationToken));

    public Task<IReadOnlyDictionary<string, string>> ReadConfigHashesAsync(JsonObject model, CancellationToken cancellationToken) =>
        point.AroundAsync("compose.hashes", () => compose.ReadConfigHashesAsync(model, cancellationToken));

    public Task RecreateAsync(Release release, string modelPath, IReadOnlyList<string> services, CancellationToken cancellationToken) =>
        point.AroundAsync("compose.recreate", () => compose.RecreateAsync(release, modelPath, services, cancellationToken));

    public Task UpAsync(Release release, string modelPath, CancellationToken cancellationToken) => point.AroundAsync("compose.up", async () =>
    {
        var running = compose.UpAsync(release, modelPath, cancellationToken);
        for (var passed = 1; passed <= RunningPoints && !running.IsCompleted; passed++)
        {
            await Task.WhenAny(running, Task.Delay(RunningStep, timeProvider, CancellationToken.None));
            if (!running.IsCompleted)
            {
                point.Pass($"compose.up.running.{passed * RunningStep.TotalMilliseconds}ms");
            }
        }

        await running;
    });
}
