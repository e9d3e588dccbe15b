using System.Diagnostics;

namespace Eclusier.Lab;

/// <summary>A bare repository that a server offers, with a clone to commit in and push from.</summary>
public sealed class GitRepository
{
    private GitRepository(string bare, string clone) => (Bare, Clone) = (bare, clone);

    /// <summary>The bare repository: what the agent reads.</summary>
    public string Bare { get; }

    /// <summary>The developer's clone, on branch <c>main</c>.</summary>
    public string Clone { get; }

    /// <summary>The newest commit of the clone's branch.</summary>
    public string Head => Git("rev-parse", "HEAD");

    /// <param name="bare">Where the bare repository is made, usually <c>…/name.git</c>; its clone is made beside it.</param>
    public static GitRepository Create(string bare, string objectFormat = "sha1")
    {
        var repository = new GitRepository(bare, bare + ".clone");
        GitIn(".", "init", "--quiet", "--bare", "--initial-branch=main", $"--object-format={objectFormat}", bare);
        GitIn(".", "init", "--quiet", "--initial-branch=main", $"--object-format={objectFormat}", repository.Clone);
        repository.Git("remote", "add", "origin", bare);
        return repository;
    }

    /// <summary>Writes the files, commits everything in the clone and pushes the current branch.</summary>
    /// <returns>The commit's hash.</returns>
    public string Commit(string message, params (string Path, string Content)[] files)
    {
        var sha = CommitLocally(message, files);
        Push();
        return sha;
    }

    /// <summary>As <see cref="Commit"/>, without the push.</summary>
    public string CommitLocally(string message, params (string Path, string Content)[] files)
    {
        foreach (var (path, content) in files)
        {
            var file = Path.Combine(Clone, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, content);
        }

        Git("add", "--all");
        Git("commit", "--quiet", "--allow-empty", "--message", message);
        return Head;
    }

    /// <summary>Deletes the files, commits and pushes.</summary>
    public string Delete(string message, params string[] paths)
    {
        Git(["rm", "--quiet", "-r", "--", .. paths]);
        return Commit(message);
    }

    public void Push() => Git("push", "--quiet", "origin", "HEAD");

    public void ForcePush() => Git("push", "--quiet", "--force", "origin", "HEAD");

    /// <summary>Creates the branch here and on the server, from the current commit, and goes to it.</summary>
    public void Branch(string name)
    {
        Git("checkout", "--quiet", "-b", name);
        Push();
    }

    public void Switch(string branch) => Git("checkout", "--quiet", branch);

    public void DeleteBranch(string name) => Git("push", "--quiet", "origin", "--delete", $"refs/heads/{name}");

    /// <summary>Tags the current commit and pushes the tag; with a message it is an annotated one.</summary>
    public void Tag(string name, string? message = null)
    {
        Git(message is null ? ["tag", name] : ["tag", "--annotate", "--message", message, name]);
        Git("push", "--quiet", "origin", $"refs/tags/{name}");
    }

    /// <summary>Takes the branch back to an earlier commit, here only; a force push makes it known.</summary>
    public void ResetTo(string commit) => Git("reset", "--quiet", "--hard", commit);

    /// <summary>Adds another repository as a submodule and commits; nothing is pushed.</summary>
    /// <param name="url">As it is to stand in <c>.gitmodules</c>, relative or absolute.</param>
    /// <param name="from">The repository that is cloned now, and whose newest commit is recorded.</param>
    public string AddSubmodule(string url, string path, GitRepository from)
    {
        Git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "--name", Path.GetFileName(path), from.Bare, path);
        Git("config", "--file", ".gitmodules", $"submodule.{Path.GetFileName(path)}.url", url);
        return CommitLocally($"Add submodule {path}");
    }

    /// <summary>Runs git in the clone.</summary>
    /// <returns>What it printed, without the white space around it.</returns>
    public string Git(params string[] arguments) => GitIn(Clone, arguments);

    /// <summary>Runs git in a folder, away from the settings of the machine's user.</summary>
    /// <exception cref="InvalidOperationException">git failed.</exception>
    public static string GitIn(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["GIT_CONFIG_GLOBAL"] = "/dev/null",
                ["GIT_CONFIG_NOSYSTEM"] = "1",
                ["GIT_AUTHOR_NAME"] = "Ada Lovelace",
                ["GIT_AUTHOR_EMAIL"] = "ada@example.org",
                ["GIT_COMMITTER_NAME"] = "Ada Lovelace",
                ["GIT_COMMITTER_EMAIL"] = "ada@example.org",
                ["GIT_TERMINAL_PROMPT"] = "0",
            },
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.Trim()
            : throw new InvalidOperationException($"git {string.Join(' ', arguments)} in {folder}: exit code {process.ExitCode}\n{error.GetAwaiter().GetResult()}");
    }
}
