using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Adapters.Files;
using Eclusier.Core.Deployments;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Releases;

/// <summary>The release folders under <c>stacks/&lt;name&gt;/releases/</c>: each appears complete or not at all.</summary>
public sealed partial class ReleaseFolders(string stateDirectory) : IReleaseStore
{
    private const string ReleaseFile = "release.json";
    private const string ModelFile = "compose.json";
    private const string TemporaryPrefix = ".tmp-";
    /// <summary>What the files of releases were like when they were found to be as they were written: they need not be read again for that.</summary>
    private readonly ConcurrentDictionary<(StackName Stack, string Id), (FileStamp Release, FileStamp Model)> whole = new();

    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(2);

    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public void Publish(Release release, JsonObject model) => Storing(() =>
    {
        var folder = FolderOf(release.Stack, release.Id);
        if (Directory.Exists(folder))
        {
            if (FindDamage(release.Stack, release.Id) is null)
            {
                FolderSync.Flush(Path.GetDirectoryName(folder)!); // whoever published it may have died before that
                return;
            }

            Delete(release.Stack, release.Id); // the same inputs give the same id: left there, it would be in the way for ever
        }

        var parent = Path.GetDirectoryName(folder)!;
        MakeFolder(parent);
        var temporary = TemporaryBeside(folder);
        try
        {
            Directory.CreateDirectory(temporary, OwnersFolder);
            var text = ModelText.Write(model);
            WriteFile(Path.Combine(temporary, ModelFile), text);
            WriteFile(Path.Combine(temporary, ReleaseFile), ReleaseSeal.Write(release, text));
            FolderSync.Flush(temporary);
            MoveIntoPlace(temporary, folder);
            FolderSync.Flush(parent);
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    });

    public Release Load(StackName stack, string id) => LoadBoth(stack, id).Release;

    public JsonObject LoadModel(StackName stack, string id) => LoadBoth(stack, id).Model;

    public string ModelPath(StackName stack, string id) => Path.Combine(FolderOf(stack, id), ModelFile);

    public bool Exists(StackName stack, string id) => Directory.Exists(FolderOf(stack, id));

    public IReadOnlyList<string> List(StackName stack) => [.. FoldersOf(stack).Where(name => IdRule().IsMatch(name))];

    public string? FindDamage(StackName stack, string id)
    {
        try
        {
            var stamps = StampsOf(stack, id); // first: what is written while it is read is noticed the next time
            if (stamps is null || !whole.TryGetValue((stack, id), out var seen) || seen != stamps)
            {
                whole.TryRemove((stack, id), out _);
                LoadBoth(stack, id);
                if (stamps is { } read && IsSettled(read.Release) && IsSettled(read.Model))
                {
                    whole[(stack, id)] = read;
                }
            }

            return null;
        }
        catch (FailureException exception) when (exception.Kind == FailureKind.Rejected)
        {
            return exception.Message;
        }
    }

    public string SetAside(StackName stack, string id, DateTimeOffset at)
    {
        var folder = FolderOf(stack, id);
        var aside = OutOfTheWay.NameFor(folder, at);
        whole.TryRemove((stack, id), out _);
        Storing(() =>
        {
            Directory.Move(folder, aside);
            FolderSync.Flush(Path.GetDirectoryName(folder)!);
        });
        return aside;
    }

    public IReadOnlyList<SetAsideRelease> ListSetAside(StackName stack) =>
    [
        .. FoldersOf(stack).Select(name => (Name: name, Mark: name.IndexOf(OutOfTheWay.Mark, StringComparison.Ordinal))).Where(folder => folder.Mark > 0)
            .Select(folder => new SetAsideRelease(folder.Name[..folder.Mark], Path.Combine(ReleasesOf(stack), folder.Name))),
    ];

    public void Delete(StackName stack, string id) => Storing(() =>
    {
        whole.TryRemove((stack, id), out _);
        var folder = FolderOf(stack, id);
        if (!Directory.Exists(folder))
        {
            return;
        }

        // first out of the way in one step: an interrupted deletion must not leave half a release
        var temporary = TemporaryBeside(folder);
        Directory.Move(folder, temporary);
        FolderSync.Flush(Path.GetDirectoryName(folder)!);
        Directory.Delete(temporary, recursive: true);
    });

    /// <summary>Removes what an interrupted agent left half written or half deleted. Only while no other agent runs.</summary>
    public void WipeTemporary() => Storing(() =>
    {
        var stacks = Path.Combine(stateDirectory, "stacks");
        if (!Directory.Exists(stacks))
        {
            return;
        }

        foreach (var releases in Directory.EnumerateDirectories(stacks).Select(stack => Path.Combine(stack, "releases")).Where(Directory.Exists))
        {
            foreach (var leftover in Directory.GetDirectories(releases, TemporaryPrefix + "*"))
            {
                Directory.Delete(leftover, recursive: true);
            }
        }
    });

    private static void MoveIntoPlace(string temporary, string folder)
    {
        try
        {
            Directory.Move(temporary, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // someone else published the same release meanwhile: equal, so theirs stays
        }
    }

    /// <summary>Two changes within one tick of the file system's clock leave the same time.</summary>
    private static bool IsSettled(FileStamp stamp) =>
        DateTimeOffset.FromUnixTimeSeconds(stamp.ChangedAt.Seconds) < TimeProvider.System.GetUtcNow() - LongestTick; // the machine's clock is what the times are by

    /// <returns><c>null</c>: one of the files is not there, or cannot be looked at.</returns>
    private (FileStamp Release, FileStamp Model)? StampsOf(StackName stack, string id)
    {
        try
        {
            var folder = FolderOf(stack, id);
            return FileStatus.Of(Path.Combine(folder, ReleaseFile), follow: true) is { } release && FileStatus.Of(Path.Combine(folder, ModelFile), follow: true) is { } model
                ? (release.Stamp, model.Stamp)
                : null;
        }
        catch (IOException)
        {
            return null; // reading it says why
        }
    }

    private (Release Release, JsonObject Model) LoadBoth(StackName stack, string id)
    {
        var releasePath = Path.Combine(FolderOf(stack, id), ReleaseFile);
        var modelPath = ModelPath(stack, id);
        var (release, modelHash) = Parse(releasePath, ReleaseSeal.Read);
        if (release.Stack != stack || release.Id != id)
        {
            throw Damaged(releasePath, $"it describes the release {release.Id} of {release.Stack}");
        }

        var model = Parse(modelPath, text => ReleaseSeal.Hash(text) == modelHash
            ? JsonNode.Parse(text)!.AsObject()
            : throw new JsonException($"its {text.Length} bytes do not match the checksum in {ReleaseFile}: it was cut or changed after it was written"));
        return (release, model);
    }

    private static T Parse<T>(string path, Func<byte[], T> parse)
    {
        try
        {
            return parse(File.ReadAllBytes(path));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Damaged(path, "it is missing", exception);
        }
        catch (JsonException exception)
        {
            throw Damaged(path, exception.Message, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FailureException.Transient($"the release file '{path}' cannot be read: {exception.Message}", exception);
        }
    }

    private static FailureException Damaged(string path, string finding, Exception? innerException = null) =>
        FailureException.Rejected($"the release file '{path}' is damaged: {finding}", innerException);

    private void Storing(Action work)
    {
        try
        {
            work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FailureException.Transient($"the release folders under '{stateDirectory}' cannot be changed: {exception.Message}", exception);
        }
    }

    /// <summary>Each new level is for the owner only and durable: .NET gives the mode to the last one.</summary>
    private static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        var parent = Path.GetDirectoryName(folder)!;
        MakeFolder(parent);
        Directory.CreateDirectory(folder, OwnersFolder);
        FolderSync.Flush(parent);
    }

    private static void WriteFile(string path, byte[] content)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnersFile });
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    private static string TemporaryBeside(string folder) =>
        Path.Combine(Path.GetDirectoryName(folder)!, $"{TemporaryPrefix}{Path.GetFileName(folder)}-{Path.GetRandomFileName()}");

    private List<string> FoldersOf(StackName stack)
    {
        try
        {
            var releases = ReleasesOf(stack);
            return Directory.Exists(releases) ? [.. Directory.EnumerateDirectories(releases).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)] : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FailureException.Transient($"the release folders of {stack} cannot be read: {exception.Message}", exception);
        }
    }

    private string ReleasesOf(StackName stack) => Path.Combine(stateDirectory, "stacks", stack.Value, "releases");

    private string FolderOf(StackName stack, string id) => IdRule().IsMatch(id)
        ? Path.Combine(ReleasesOf(stack), id)
        : throw new ArgumentException($"'{id}' is not a release id: 64 hexadecimal digits", nameof(id));

    [GeneratedRegex(@"^[0-9a-f]{64}\z")]
    private static partial Regex IdRule();
}
