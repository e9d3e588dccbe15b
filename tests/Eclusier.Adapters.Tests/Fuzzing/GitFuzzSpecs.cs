using Eclusier.Adapters.Git;
using Eclusier.Adapters.Processes;
using Eclusier.Core.Sources;
using Eclusier.Lab;
using Microsoft.Extensions.Logging.Abstractions;

namespace Eclusier.Adapters.Tests.Fuzzing;

/// <summary>What git prints, after a server, a repository or somebody's commit had a say in it.</summary>
public sealed class GitFuzzSpecs : IDisposable
{
    private const string Commit = "1eabc9a4c0ffee00000000000000000000000001";

    private readonly LabFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public Task References() => Fuzz.CheckAsync(
        Fuzz.Text($"{Commit}\trefs/heads/main\n", $"{Commit}\trefs/tags/v1.0.0\n{Commit}\trefs/tags/v1.0.0^{{}}\n{Commit}\trefs/tags/v2.0.0-rc.1\n", $"{Commit}\trefs/heads/main\n{Commit}\trefs/heads/main\n"),
        async text =>
        {
            var git = GitThatPrints(text);
            await Run(() => git.ReadHeadAsync(new Source("/srv/shop.git", new RevisionSelector.Branch("main")), CancellationToken.None));
            await Run(() => git.ReadHeadAsync(new Source("/srv/shop.git", new RevisionSelector.Tag("v*")), CancellationToken.None));
        });

    [Fact]
    public Task References_over_http() => Fuzz.CheckAsync(
        Fuzz.Text(
            "001e# service=git-upload-pack\n0000000eversion 2\n0015agent=git/2.39.5\n0013ls-refs=unborn\n0012fetch=shallow\n0017object-format=sha1\n0000",
            $"003d{Commit} refs/heads/main\n0000",
            $"003d{Commit} refs/tags/v1.0\n0070{Commit} refs/tags/v2.0.0 peeled:{Commit}\n0000",
            "001bERR no such repository\n0000"),
        async text =>
        {
            using var deadline = new AnswerDeadline(new GitLimits(), TimeProvider.System, CancellationToken.None);
            await Run(() => ReferenceProtocol.ReadAdvertisementAsync(Packets(text), "git-upload-pack"));
            await Run(() => ReferenceProtocol.ReadReferencesAsync(Packets(text), ["refs/heads/main", "refs/tags/"]));

            PacketLines Packets(string text) => new(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), 1000, deadline);

            static async Task Run(Func<Task> read)
            {
                try
                {
                    await read();
                }
                catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
                {
                    // git is asked instead
                }
            }
        });

    [Fact]
    public Task What_a_commit_says() => Fuzz.CheckAsync(
        Fuzz.Text("4b825dc642cb6eb9a060e54bf8d69288fbee4904\0d670460b4b4aece5915caf5c68d12f560a9fe3e4\0Ada Lovelace\02026-01-31T12:00:00+01:00\01769857200\0A change\n", "t\0\0\01970-01-01T00:00:00Z\00\0\n", "t\0p q\0x\0292277026596-12-04T15:30:07+00:00\09223372036854775807\0x\n"),
        async text => await GitThatPrints(text).FetchAsync(new Source("/srv/shop.git", new RevisionSelector.Branch("main")), new Head("main", CommitId.Parse(Commit)), CancellationToken.None));

    [Fact]
    public void Complaints() => Fuzz.Check(
        Fuzz.Text(
            "fatal: unable to access 'https://git.test/x.git/': The requested URL returned error: 503",
            "fatal: unable to access 'https://user:secret@git.test/x.git/': Could not resolve host: git.test",
            "remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'https://git.test/x.git/'",
            "ssh: connect to host git.test port 22: Connection refused\r\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.",
            "error: unable to write file data.bin: No space left on device\nfatal: cannot create directory at 'x': No space left on device"),
        text =>
        {
            var failure = GitFailures.Of(new GitCommand("/", "fetch") { Doing = "fetching" }, new(128, "", text, TimeSpan.Zero)).Failure;
            Assert.NotEmpty(failure.Message);
        });

    [Fact]
    public void Names_of_tags() => Fuzz.Check(
        Fuzz.Text("v1.2.3\nv1.2.3-rc.1+build\n1.2\nv99999999999999999999.0.0\napi-1.0.0", "v*", "api-?.*"),
        text => NewestVersion.Among(text.Split('\n'), text[..Math.Min(text.Length, 6)]));

    [Theory]
    [InlineData("1769857200 -7530", "2026-01-31T11:00:00Z")] // a time zone that a clock put wrong has made: such commits exist
    [InlineData("99999999999999 +0000", "1970-01-01T00:00:00Z")] // the year 3170843
    public async Task A_commit_of_an_impossible_time_is_read(string written, string date)
    {
        var repository = GitRepository.Create(Path.Combine(folder.Path, "shop.git"));
        repository.Commit("A change", ("compose.yaml", ""));
        var text = repository.Git("cat-file", "commit", "HEAD");
        var file = folder.Write("commit", System.Text.RegularExpressions.Regex.Replace(text, "> [0-9]+ [+-][0-9]+", $"> {written}") + "\n");
        repository.ResetTo(repository.Git("hash-object", "-t", "commit", "-w", file));
        repository.ForcePush();
        ISourceReader git = new GitSourceReader(new GitMirrors(folder.Path, new ProcessRunner(TimeProvider.System), TimeProvider.System, NullLogger<GitMirrors>.Instance));
        var source = new Source(repository.Bare, new RevisionSelector.Branch("main"));

        var revision = await git.FetchAsync(source, await git.ReadHeadAsync(source, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

        Assert.Equal((DateTimeOffset.Parse(date, System.Globalization.CultureInfo.InvariantCulture), "A change"), (revision.Date, revision.Subject));
    }

    private ISourceReader GitThatPrints(string text) =>
        new GitSourceReader(new GitMirrors(folder.Path, new CannedPrograms(_ => text), TimeProvider.System, NullLogger<GitMirrors>.Instance));

    private static async Task Run(Func<Task> read)
    {
        try
        {
            await read();
        }
        catch (Core.Deployments.FailureException)
        {
            // classified: the next reader is given the same
        }
    }
}
