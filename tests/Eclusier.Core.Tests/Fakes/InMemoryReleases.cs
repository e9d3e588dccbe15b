using System.Text.Json.Nodes;
using Eclusier.Core.Deployments;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Tests.Fakes;

/// <summary>Release folders that survive the agent's end.</summary>
public sealed class InMemoryReleases(CallLog calls) : IReleaseStore
{
    private readonly Dictionary<string, (Release Release, JsonObject Model)> folders = [];

    public IEnumerable<Release> All => folders.Values.Select(folder => folder.Release);

    public void Publish(Release release, JsonObject model) =>
        calls.Do($"publish {release}", () => folders.TryAdd(ModelPath(release.Stack, release.Id), (release, (JsonObject)model.DeepClone())));

    public Release Load(StackName stack, string id) => Find(ModelPath(stack, id)).Release;

    public JsonObject LoadModel(StackName stack, string id) => ModelAt(ModelPath(stack, id));

    public string ModelPath(StackName stack, string id) => $"/var/lib/eclusier/stacks/{stack}/releases/{id}/compose.json";

    public bool Exists(StackName stack, string id) => folders.ContainsKey(ModelPath(stack, id));

    /// <summary>Releases whose files somebody cut or changed, by id.</summary>
    public HashSet<string> Damaged { get; } = [];

    /// <summary>Damaged folders that are out of the way.</summary>
    public List<SetAsideRelease> Aside { get; } = [];

    public IReadOnlyList<string> List(StackName stack) => [.. folders.Values.Select(folder => folder.Release).Where(release => release.Stack == stack).Select(release => release.Id)];

    public string? FindDamage(StackName stack, string id) => !Exists(stack, id) ? $"{ModelPath(stack, id)} is missing" : Damaged.Contains(id) ? $"{ModelPath(stack, id)} was cut" : null;

    public string SetAside(StackName stack, string id, DateTimeOffset at)
    {
        var path = $"/var/lib/eclusier/stacks/{stack}/releases/{id}.damaged-{at:HHmm}";
        calls.Do($"set aside {folders[ModelPath(stack, id)].Release}", () =>
        {
            folders.Remove(ModelPath(stack, id));
            Damaged.Remove(id);
            Aside.Add(new SetAsideRelease(id, path));
        });
        return path;
    }

    public IReadOnlyList<SetAsideRelease> ListSetAside(StackName stack) => Aside;

    public void Delete(StackName stack, string id) => calls.Do($"delete {Load(stack, id)}", () => folders.Remove(ModelPath(stack, id)));

    internal JsonObject ModelAt(string path) => (JsonObject)Find(path).Model.DeepClone();

    private (Release Release, JsonObject Model) Find(string path)
    {
        calls.Ask();
        return folders.TryGetValue(path, out var folder) && !Damaged.Contains(folder.Release.Id) ? folder : throw FailureException.Rejected($"{path} is missing or damaged");
    }
}
