using System.Text.Json.Nodes;
using Eclusier.Core.Deployments;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>Files of the host that containers reach and git does not know count by their content.</summary>
public sealed class HostFileSpecs : IDisposable
{
    private const string Certificate = "/etc/ssl/shop.pem";
    private const string Token = "/etc/passwd";

    private readonly FakeHost host = new();

    public HostFileSpecs()
    {
        host.Registry.Push("registry.test/web:v1", "web v1");
        (host.Files.Contents[Certificate], host.Files.Contents[Token]) = ("one", "one");
        host.Repository.Commit(Model(isReadOnly: true));
        host.Poll();
        host.Calls.Clear();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void A_changed_one_recreates_what_mounts_it_at_the_next_look()
    {
        Assert.IsType<Outcome.UpToDate>(host.Poll());
        Assert.Empty(host.Calls.Of("fetch"));
        var other = host.Engine.Of("shop", "other").Single().Id;
        host.Files.Contents[Certificate] = "two";

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.Equal(Cause.ConfigurationChanged, host.Last.Cause);
        Assert.Contains(host.Log, line => line == $"Information: shop: Plan: recreate web (mounted {Certificate} changed)");
        Assert.Equal(other, host.Engine.Of("shop", "other").Single().Id);
        Assert.IsType<Outcome.UpToDate>(host.Poll());
    }

    [Fact]
    public void So_does_a_secret_from_a_file()
    {
        host.Files.Contents[Token] = "two";

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.Contains(host.Log, line => line == "Information: shop: Plan: recreate other (secret token changed)");
    }

    [Fact]
    public void What_is_changed_back_is_the_release_that_it_was()
    {
        host.Files.Contents[Certificate] = "two";
        host.Poll();
        host.Files.Contents[Certificate] = "one";

        Assert.Equal(1, Assert.IsType<Outcome.Committed>(host.Poll()).Release);
    }

    [Fact]
    public void One_that_breaks_the_stack_is_tried_once_and_again_when_it_changes()
    {
        host.Files.Contents[Certificate] = "bad";
        host.Calls.Before("up #2", () => host.Probes.Failing[Some.Probe.Title] = "HTTP 500");
        host.Clock.In(TimeSpan.FromSeconds(105), host.Probes.Failing.Clear);
        Assert.IsType<Outcome.RolledBack>(host.Poll());
        Assert.IsType<Outcome.UpToDate>(host.Poll());

        host.Files.Contents[Certificate] = "good";

        Assert.IsType<Outcome.Committed>(host.Poll());
    }

    [Fact]
    public void What_a_service_may_write_to_does_not_count()
    {
        host.Repository.Commit(Model(isReadOnly: false));
        host.Poll();
        var web = host.Engine.Of("shop", "web").Single().Id;
        host.Files.Contents[Certificate] = "written by the service";

        Assert.IsType<Outcome.UpToDate>(host.Poll());

        Assert.Equal(web, host.Engine.Of("shop", "web").Single().Id);
    }

    [Fact]
    public void Nor_when_another_service_only_reads_it()
    {
        host.Repository.Commit(Model(isReadOnly: false).With("other", "volumes", new JsonArray(Bind(isReadOnly: true))));
        host.Poll();
        var (web, other) = (host.Engine.Of("shop", "web").Single().Id, host.Engine.Of("shop", "other").Single().Id);
        host.Files.Contents[Certificate] = "written by the service";

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.Equal(web, host.Engine.Of("shop", "web").Single().Id);
        Assert.NotEqual(other, host.Engine.Of("shop", "other").Single().Id);
    }

    [Fact]
    public void A_folder_a_socket_or_large_data_does_not_count()
    {
        host.Files.Contents.Remove(Certificate); // the fake knows no hash of it then, as of a folder

        Assert.IsType<Outcome.Committed>(host.Poll());
        Assert.IsType<Outcome.UpToDate>(host.Poll());
    }

    [Fact]
    public void A_manual_rollback_holds_whatever_happens_to_them()
    {
        host.Files.Contents[Certificate] = "two";
        host.Poll();
        host.GoBack();
        host.Files.Contents[Certificate] = "three";

        Assert.IsType<Outcome.UpToDate>(host.Poll());
    }

    private static JsonObject Bind(bool isReadOnly) => new() { ["type"] = "bind", ["source"] = Certificate, ["target"] = "/shop.pem", ["read_only"] = isReadOnly };

    private static JsonObject Model(bool isReadOnly)
    {
        var model = Some.Model(("web", "registry.test/web:v1"), ("other", "registry.test/web:v1"))
            .With("web", "volumes", new JsonArray(Bind(isReadOnly)))
            .With("other", "secrets", new JsonArray(new JsonObject { ["source"] = "token", ["target"] = "/token" }));
        model["secrets"] = new JsonObject { ["token"] = new JsonObject { ["file"] = Token } };
        return model;
    }
}
