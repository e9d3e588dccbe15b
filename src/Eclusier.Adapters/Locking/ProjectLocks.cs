using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Locking;

/// <summary>The right to handle Compose projects and work trees of this host: agents with different state folders must not both do that.</summary>
public sealed class ProjectLocks : IDisposable
{
    private readonly Dictionary<string, List<LockFile>> files = []; // by what they stand for
    private readonly LockHolder self;

    private ProjectLocks(LockHolder self) => this.self = self;

    /// <summary>Where locks of the whole host are: both, since an agent that is not root may not use the first one everywhere.</summary>
    public static IReadOnlyList<string> HostFolders { get; } = ["/run/lock", "/tmp"];

    /// <summary>Takes the locks of all stacks at once, or none.</summary>
    /// <param name="endpoint">The engine, as in <c>DOCKER_HOST</c>: two engines may each have a project of one name.</param>
    /// <param name="folders">Folders that all agents of the host may write to; one that this agent may not use is left out.</param>
    /// <param name="conflict">What another agent handles, and who that is.</param>
    public static bool TryTake(
        IReadOnlyList<Stack> stacks, string endpoint, string purpose, IReadOnlyList<string> folders, TimeProvider timeProvider, [NotNullWhen(true)] out ProjectLocks? taken, out string conflict)
    {
        taken = new ProjectLocks(new LockHolder(Environment.ProcessId, timeProvider.GetUtcNow(), purpose));
        if (taken.TryTakeMore(stacks, endpoint, folders, out conflict))
        {
            return true;
        }

        taken = null;
        return false;
    }

    /// <summary>Takes what these stacks need and is not held yet, or nothing of it.</summary>
    /// <inheritdoc cref="TryTake"/>
    public bool TryTakeMore(IReadOnlyList<Stack> stacks, string endpoint, IReadOnlyList<string> folders, out string conflict)
    {
        var wanted = stacks.SelectMany(stack => ThingsOf(stack, endpoint)).DistinctBy(thing => thing.Key).Where(thing => !files.ContainsKey(thing.Key)).ToList();
        foreach (var (what, key) in wanted)
        {
            files[key] = [];
            foreach (var folder in folders.Where(Directory.Exists))
            {
                if (FindOther(key, Path.Combine(folder, $"eclusier-{key}.lock")) is { } other)
                {
                    conflict = $"{what} is handled by {other}";
                    Release(wanted.Select(thing => thing.Key));
                    return false;
                }
            }
        }

        conflict = "";
        return true;
    }

    /// <summary>Gives back what none of these stacks needs.</summary>
    public void KeepOnly(IEnumerable<Stack> stacks, string endpoint) =>
        Release([.. files.Keys.Except(stacks.SelectMany(stack => ThingsOf(stack, endpoint)).Select(thing => thing.Key))]);

    /// <inheritdoc cref="StateLock.Describe"/>
    /// <param name="stack">Whose project and work tree are meant: the others' files need not be written.</param>
    public void Describe(Stack stack, string endpoint, string doing)
    {
        foreach (var file in ThingsOf(stack, endpoint).SelectMany(thing => files.GetValueOrDefault(thing.Key, [])))
        {
            Write(file, self with { Doing = doing });
        }
    }

    public void Dispose() => Release([.. files.Keys]);

    private void Release(IEnumerable<string> keys)
    {
        foreach (var key in keys)
        {
            if (files.Remove(key, out var held))
            {
                held.ForEach(file => file.Release());
            }
        }
    }

    /// <returns>Who has the lock; <c>null</c>: this one has, or nobody can here.</returns>
    private string? FindOther(string key, string path)
    {
        if (LockFile.Open(path, LockFile.ReadableByAll, out _) is not { } file)
        {
            return null; // not a folder for this user
        }

        var error = file.TryLock();
        if (error == 0)
        {
            files[key].Add(file);
            Write(file, self);
            return null;
        }

        using (file)
        {
            return error == LockFile.WouldBlock ? file.Read()?.ToString() ?? "another process" : null;
        }
    }

    private static void Write(LockFile file, LockHolder holder)
    {
        try
        {
            file.Write(holder);
        }
        catch (IOException)
        {
            // a full disk: the lock is held all the same
        }
    }

    private static IEnumerable<(string What, string Key)> ThingsOf(Stack stack, string endpoint)
    {
        yield return ($"the Compose project {stack.Project} of stack {stack.Name}", KeyOf($"project\n{endpoint.Replace("/var/run/", "/run/", StringComparison.Ordinal)}\n{stack.Project}"));
        if (stack.Checkout is { } checkout)
        {
            yield return ($"the work tree {checkout} of stack {stack.Name}", KeyOf($"checkout\n{Path.TrimEndingDirectorySeparator(Path.GetFullPath(checkout))}"));
        }
    }

    private static string KeyOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
