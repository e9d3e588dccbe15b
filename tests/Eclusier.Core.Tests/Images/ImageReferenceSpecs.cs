using Eclusier.Core.Images;

namespace Eclusier.Core.Tests.Images;

public sealed class ImageReferenceSpecs
{
    private static readonly string Digest = "sha256:" + new string('a', 64);

    [Theory]
    [InlineData("nginx", "docker.io", "library/nginx", "latest")]
    [InlineData("nginx:1.27", "docker.io", "library/nginx", "1.27")]
    [InlineData("bitnami/redis:7", "docker.io", "bitnami/redis", "7")]
    [InlineData("docker.io/nginx", "docker.io", "library/nginx", "latest")]
    [InlineData("docker.io/bitnami/redis", "docker.io", "bitnami/redis", "latest")]
    [InlineData("index.docker.io/nginx", "docker.io", "library/nginx", "latest")]
    [InlineData("ghcr.io/x/api:main-1eabc9a", "ghcr.io", "x/api", "main-1eabc9a")]
    [InlineData("localhost/api", "localhost", "api", "latest")]
    [InlineData("localhost:5000/api:v1", "localhost:5000", "api", "v1")]
    [InlineData("127.0.0.1:5000/a/b/c", "127.0.0.1:5000", "a/b/c", "latest")]
    [InlineData("[::1]:5000/api:v1", "[::1]:5000", "api", "v1")]
    [InlineData("[fe80::1]/api", "[fe80::1]", "api", "latest")]
    [InlineData("registry:5000/api", "registry:5000", "api", "latest")]
    [InlineData("Registry/api", "Registry", "api", "latest")]
    [InlineData("Registry.Example.ORG/api", "Registry.Example.ORG", "api", "latest")]
    [InlineData("a.b", "docker.io", "library/a.b", "latest")]
    [InlineData("localhost:5000", "docker.io", "library/localhost", "5000")]
    [InlineData("a/b__c/d---e/f_g.h", "docker.io", "a/b__c/d---e/f_g.h", "latest")]
    [InlineData("x:_tag.with-all", "docker.io", "library/x", "_tag.with-all")]
    public void A_reference_tells_registry_repository_and_tag(string text, string registry, string repository, string tag)
    {
        Assert.True(ImageReference.TryParse(text, out var reference));
        Assert.Equal((registry, repository, tag), (reference.Registry, reference.Repository, reference.TagOrDefault));
        Assert.Null(reference.Digest);
        Assert.Equal(text, reference.ToString());
    }

    [Fact]
    public void A_digest_may_follow_a_name_or_a_tag()
    {
        Assert.True(ImageReference.TryParse($"ghcr.io/x/api@{Digest}", out var pinned));
        Assert.Equal(("ghcr.io/x/api", null, Digest), (pinned.Name, pinned.Tag, pinned.Digest));

        Assert.True(ImageReference.TryParse($"localhost:5000/api:v1@{Digest}", out var both));
        Assert.Equal(("localhost:5000/api", "v1", Digest), (both.Name, both.Tag, both.Digest));
        Assert.Equal($"localhost:5000/api:v1@{Digest}", both.ToString());
    }

    [Fact]
    public void The_pinned_form_keeps_the_name_as_written_and_drops_the_tag()
    {
        Assert.True(ImageReference.TryParse("nginx:1.27", out var reference));
        Assert.Equal($"nginx@{Digest}", reference.Pinned(Digest));
        Assert.True(ImageReference.TryParse(reference.Pinned(Digest), out _));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("nginx ")]
    [InlineData("nginx\n")]
    [InlineData("nginx:1.27\n")]
    [InlineData("ng inx")]
    [InlineData("Nginx")]
    [InlineData("ghcr.io/X/api")]
    [InlineData("nginx:")]
    [InlineData("nginx:.hidden")]
    [InlineData("nginx:-v")]
    [InlineData("nginx:é")]
    [InlineData("nginx:١")]
    [InlineData("nginx@")]
    [InlineData("nginx@sha256:abc")]
    [InlineData("nginx@sha1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("/nginx")]
    [InlineData("nginx/")]
    [InlineData("a//b")]
    [InlineData("-nginx")]
    [InlineData("nginx-")]
    [InlineData("a___b")]
    [InlineData("a..b/c")]
    [InlineData("a_b.c/d")]
    [InlineData("-a.b/c")]
    [InlineData("a.b-/c")]
    [InlineData("a.b:/c")]
    [InlineData("a.b:١/c")]
    [InlineData("a.b:x/c")]
    [InlineData("https://ghcr.io/x/api")]
    [InlineData("user@ghcr.io/x/api")]
    [InlineData("[::1/api")]
    [InlineData("[]/api")]
    [InlineData("[zz]/api")]
    [InlineData("../etc")]
    [InlineData("${IMAGE}")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void What_docker_refuses_is_refused(string? text) => Assert.False(ImageReference.TryParse(text, out _));

    [Fact]
    public void Capital_hexadecimal_digits_do_not_make_a_digest() =>
        Assert.False(ImageReference.TryParse($"nginx@sha256:{new string('A', 64)}", out _));

    [Fact]
    public void A_tag_has_at_most_128_characters_and_a_repository_255()
    {
        Assert.True(ImageReference.TryParse($"x:{new string('t', 128)}", out _));
        Assert.False(ImageReference.TryParse($"x:{new string('t', 129)}", out _));
        Assert.True(ImageReference.TryParse($"r.io/{new string('n', 255)}", out _));
        Assert.False(ImageReference.TryParse($"r.io/{new string('n', 256)}", out _));
    }

    [Fact]
    public void A_hostile_name_is_refused_in_no_time() =>
        Assert.False(ImageReference.TryParse(string.Concat(Enumerable.Repeat("a-", 20_000)) + "!", out _));

    [Fact]
    public void Equal_text_makes_equal_references()
    {
        Assert.True(ImageReference.TryParse("ghcr.io/x/api:v1", out var one));
        Assert.True(ImageReference.TryParse("ghcr.io/x/api:v1", out var other));
        Assert.Equal(one, other);
    }
}
