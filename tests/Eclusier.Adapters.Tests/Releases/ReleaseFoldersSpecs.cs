using System.Text.Json.Nodes;
using Eclusier.Adapters.Processes;
using Eclusier.Adapters.Releases;
using Eclusier.Adapters.Tests.Sqlite;
using Eclusier.Core.Deployments;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Tests.Releases;

public sealed class ReleaseFoldersSpecs : IDisposable
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnersFile | UnixFileMode.UserExecute;
    private static readonly StackName Shop = StackName.Parse("shop");
    private static readonly string Id = new('a', 64);

    private readonly ScratchFolder scratch = new();
    private readonly ReleaseFolders releases;

    public ReleaseFoldersSpecs() => releases = new ReleaseFolders(scratch["state"]);

    private string Parent => scratch["state/stacks/shop/releases"];

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void A_release_comes_back_as_it_was_published()
    {
        var release = SomeRelease();
        var model = SomeModel();
        releases.Publish(release, model);

        var loaded = releases.Load(Shop, Id);

        Assert.Equal(release with { Services = [], ComposeFiles = [], Profiles = [], Tools = [] }, loaded with { Services = [], ComposeFiles = [], Profiles = [], Tools = [] });
        Assert.Equal(release.Services, loaded.Services);
        Assert.Equal(release.ComposeFiles, loaded.ComposeFiles);
        Assert.Equal(release.Profiles, loaded.Profiles);
        Assert.Equal(release.Tools, loaded.Tools);
        Assert.True(JsonNode.DeepEquals(model, releases.LoadModel(Shop, Id)));
    }

    [Fact]
    public void A_release_without_revision_and_parent_comes_back_so()
    {
        releases.Publish(SomeRelease() with { Number = 0, Revision = null, Parent = null }, SomeModel());

        var loaded = releases.Load(Shop, Id);
        Assert.Equal((0, null, null), (loaded.Number, loaded.Revision, loaded.Parent));
    }

    [Theory]
    [InlineData("release.json")]
    [InlineData("compose.json")]
    public void A_damaged_folder_is_found_and_can_be_set_aside(string file)
    {
        releases.Publish(SomeRelease(), SomeModel());
        Assert.Null(releases.FindDamage(Shop, Id));
        File.WriteAllText(Path.Combine(Parent, Id, file), "{");

        Assert.Contains(file, releases.FindDamage(Shop, Id), StringComparison.Ordinal);
        Assert.Equal([Id], releases.List(Shop));
        var aside = releases.SetAside(Shop, Id, new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero));

        Assert.Equal(Path.Combine(Parent, $"{Id}.damaged-20260901T120000Z"), aside);
        Assert.Equal("{", File.ReadAllText(Path.Combine(aside, file)));
        Assert.Empty(releases.List(Shop));
        Assert.Equal([new SetAsideRelease(Id, aside)], releases.ListSetAside(Shop));
        releases.Publish(SomeRelease(), SomeModel()); // the id is free again
        Assert.Null(releases.FindDamage(Shop, Id));
    }

    [Theory]
    [InlineData("release.json")]
    [InlineData("compose.json")]
    public async Task Damage_is_found_also_where_size_and_time_are_as_before(string name)
    {
        releases.Publish(SomeRelease(), SomeModel());
        await Task.Delay(TimeSpan.FromSeconds(3.1), TestContext.Current.CancellationToken); // now a look at the files' entries is enough
        Assert.Null(releases.FindDamage(Shop, Id));
        Assert.Null(releases.FindDamage(Shop, Id));
        var file = Path.Combine(Parent, Id, name);
        var (bytes, time) = (File.ReadAllBytes(file), File.GetLastWriteTimeUtc(file));
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(file, bytes);
        File.SetLastWriteTimeUtc(file, time);

        Assert.Contains(name, releases.FindDamage(Shop, Id), StringComparison.Ordinal);

        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Null(releases.FindDamage(Shop, Id));
    }

    [Fact]
    public void A_missing_folder_is_damaged_and_listed_nowhere()
    {
        Assert.Contains("it is missing", releases.FindDamage(Shop, Id), StringComparison.Ordinal);
        Assert.Empty(releases.List(Shop));
        Assert.Empty(releases.ListSetAside(Shop));
    }

    [Fact]
    public void A_person_can_read_the_release_file()
    {
        releases.Publish(SomeRelease(), SomeModel());

        var text = File.ReadAllText(Path.Combine(Parent, Id, "release.json"));
        Assert.Contains("\n  \"stack\": \"shop\",\n", text, StringComparison.Ordinal);
        Assert.Contains($"\n    \"commit\": \"{new string('c', 40)}\",\n", text, StringComparison.Ordinal);
        Assert.Contains("\n      \"keepTag\": \"eclusier/shop/web:7\",\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_and_folders_are_for_the_owner_only()
    {
        releases.Publish(SomeRelease(), SomeModel());

        Assert.All(["state", "state/stacks", "state/stacks/shop", "state/stacks/shop/releases", $"state/stacks/shop/releases/{Id}"], folder =>
            Assert.Equal(OwnersFolder, File.GetUnixFileMode(scratch[folder])));
        Assert.Equal(OwnersFile, File.GetUnixFileMode(releases.ModelPath(Shop, Id)));
        Assert.Equal(OwnersFile, File.GetUnixFileMode(Path.Combine(Parent, Id, "release.json")));
        Assert.Equal(["compose.json", "release.json"], Directory.GetFileSystemEntries(Path.Combine(Parent, Id)).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void An_equal_release_that_is_there_stays_untouched()
    {
        releases.Publish(SomeRelease(), SomeModel());
        releases.Publish(SomeRelease() with { Number = 8 }, new JsonObject { ["name"] = "other" });

        Assert.Equal(7, releases.Load(Shop, Id).Number);
        Assert.True(JsonNode.DeepEquals(SomeModel(), releases.LoadModel(Shop, Id)));
        Assert.Equal([Id], Entries());
    }

    [Fact]
    public async Task Many_who_publish_the_same_release_at_once_leave_one_whole_folder()
    {
        using var start = new Barrier(8);
        await Task.WhenAll(Enumerable.Range(1, 8).Select(number => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(TestContext.Current.CancellationToken);
                releases.Publish(SomeRelease() with { Number = number }, SomeModel());
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.InRange(releases.Load(Shop, Id).Number, 1, 8);
        Assert.Equal([Id], Entries());
    }

    [Theory]
    [InlineData("release.json", 0x01)]
    [InlineData("release.json", 0x80)]
    [InlineData("compose.json", 0x01)]
    [InlineData("compose.json", 0x80)]
    public void Any_changed_byte_is_noticed(string name, byte flip)
    {
        releases.Publish(SomeRelease(), SomeModel());
        var path = Path.Combine(Parent, Id, name);
        var intact = File.ReadAllBytes(path);
        for (var place = 0; place < intact.Length; place++)
        {
            var changed = intact.ToArray();
            changed[place] ^= flip;
            File.WriteAllBytes(path, changed);

            AssertDamaged(path, "");
        }
    }

    [Theory]
    [InlineData("release.json", 0)]
    [InlineData("release.json", 100)]
    [InlineData("compose.json", 0)]
    [InlineData("compose.json", 100)]
    public void A_file_that_was_cut_is_noticed(string name, int length)
    {
        releases.Publish(SomeRelease(), SomeModel());
        var path = Path.Combine(Parent, Id, name);
        using (var file = new FileStream(path, FileMode.Open))
        {
            file.SetLength(length);
        }

        AssertDamaged(path, name == "compose.json" ? $"its {length} bytes do not match the checksum in release.json" : "");
    }

    [Theory]
    [InlineData("release.json")]
    [InlineData("compose.json")]
    public void A_missing_file_is_named(string name)
    {
        releases.Publish(SomeRelease(), SomeModel());
        File.Delete(Path.Combine(Parent, Id, name));

        AssertDamaged(Path.Combine(Parent, Id, name), "it is missing");
    }

    [Fact]
    public void A_release_that_was_never_published_is_missing()
    {
        Assert.False(releases.Exists(Shop, Id));
        AssertDamaged(Path.Combine(Parent, Id, "release.json"), "it is missing");
    }

    [Fact]
    public void A_folder_copied_to_another_id_is_noticed()
    {
        releases.Publish(SomeRelease(), SomeModel());
        var other = new string('b', 64);
        Directory.Move(Path.Combine(Parent, Id), Path.Combine(Parent, other));

        var exception = Assert.Throws<FailureException>(() => releases.Load(Shop, other));
        Assert.EndsWith($"it describes the release {Id} of shop", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_release_is_replaced_when_it_is_published_again()
    {
        releases.Publish(SomeRelease(), SomeModel());
        File.WriteAllText(releases.ModelPath(Shop, Id), "{}");

        releases.Publish(SomeRelease() with { Number = 8 }, SomeModel());

        Assert.Equal(8, releases.Load(Shop, Id).Number);
        Assert.Equal([Id], Entries());
    }

    [Fact]
    public void A_deleted_release_leaves_nothing()
    {
        releases.Publish(SomeRelease(), SomeModel());
        releases.Delete(Shop, Id);
        releases.Delete(Shop, Id); // again, after a restart in between

        Assert.False(releases.Exists(Shop, Id));
        Assert.Empty(Entries());
    }

    [Fact]
    public void What_an_interrupted_agent_left_is_wiped_and_nothing_else()
    {
        releases.WipeTemporary(); // before there is any stack
        releases.Publish(SomeRelease(), SomeModel());
        Directory.CreateDirectory(Path.Combine(Parent, $".tmp-{Id}-abc"));
        File.WriteAllText(Path.Combine(Parent, $".tmp-{Id}-abc", "compose.json"), "{");
        Directory.CreateDirectory(scratch["state/stacks/blog/work/.tmp-theirs"]);

        releases.WipeTemporary();

        Assert.Equal([Id], Entries());
        Assert.True(Directory.Exists(scratch["state/stacks/blog/work/.tmp-theirs"]));
        Assert.Equal(7, releases.Load(Shop, Id).Number);
    }

    [Fact]
    public void A_publication_that_fails_leaves_no_half_release()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Parent)!);
        File.WriteAllText(Parent, "a file where the folder should be");

        var exception = Assert.Throws<FailureException>(() => releases.Publish(SomeRelease(), SomeModel()));

        Assert.Equal(FailureKind.Transient, exception.Kind);
        Assert.Contains(scratch["state"], exception.Message, StringComparison.Ordinal);
        Assert.False(releases.Exists(Shop, Id));
    }

    [Theory]
    [InlineData("../../../etc")]
    [InlineData("")]
    [InlineData(".tmp-x")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n")]
    public void An_id_is_never_a_path(string id) => Assert.Throws<ArgumentException>(() => releases.Delete(Shop, id));

    [Fact]
    public async Task Compose_reads_every_character_of_the_published_model_as_it_was()
    {
        var text = "emoji 😀, accents é, quotes \" ' \\, tab\tline\nend\r, no-break\u00A0, next line\u0085, separators \u2028\u2029, control \u0001\u001F\u007F\u009F, mark \uFEFF, <&+>, ünder 漢字, \uFFFD, 𝄞, 👩‍👩‍👧";
        var model = new JsonObject { ["name"] = "shop", ["services"] = new JsonObject { ["web"] = new JsonObject { ["image"] = "busybox", ["environment"] = new JsonObject { ["TEXT"] = text } } } };
        releases.Publish(SomeRelease(), model);

        var result = await new ProcessRunner(TimeProvider.System).RunAsync(
            new ProcessSpec("docker", "compose", "--file", releases.ModelPath(Shop, Id), "config", "--format", "json"),
            TestContext.Current.CancellationToken);

        Assert.True(result.Succeeded, result.StandardError);
        Assert.Equal(text, JsonNode.Parse(result.StandardOutput)!["services"]!["web"]!["environment"]!["TEXT"]!.GetValue<string>());
    }

    private static Release SomeRelease() => new()
    {
        Id = Id,
        Number = 7,
        Stack = Shop,
        Project = "shop",
        Repository = "https://git.example/shop.git",
        Revision = new Revision("main", CommitId.Parse(new string('c', 40)), "Ada Lovelace", new DateTimeOffset(2026, 9, 1, 14, 0, 0, TimeSpan.FromHours(2)), "Fix the till 🧾"),
        Parent = new string('9', 64),
        ProjectDirectory = "/srv/shop/deploy",
        ComposeFiles = ["docker-compose.yml"],
        Profiles = ["web"],
        Tools = ["compose 2.26.1"],
        Services =
        [
            new ReleaseService
            {
                Name = "web",
                Image = "ghcr.io/x/web:latest",
                Reference = "ghcr.io/x/web@sha256:" + new string('d', 64),
                ImageId = "sha256:" + new string('e', 64),
                KeepTag = "eclusier/shop/web:7",
                IsBuilt = true,
                ConfigHash = "f00",
                Replicas = 3,
            },
        ],
        ModelHash = new string('f', 64),
        PreparedAt = new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(7),
    };

    private static JsonObject SomeModel() => JsonNode.Parse("""{ "name": "shop", "services": { "web": { "image": "x", "cpus": 1.50, "environment": { "A": "$$x" }, "scale": 3, "command": null } } }""")!.AsObject();

    private void AssertDamaged(string path, string finding)
    {
        foreach (var load in new Action[] { () => releases.Load(Shop, Id), () => releases.LoadModel(Shop, Id) })
        {
            var exception = Assert.Throws<FailureException>(load);
            Assert.Equal(FailureKind.Rejected, exception.Kind);
            Assert.StartsWith($"the release file '{path}' is damaged: {finding}", exception.Message, StringComparison.Ordinal);
        }
    }

    private IEnumerable<string?> Entries() => Directory.GetFileSystemEntries(Parent).Select(Path.GetFileName);
}
