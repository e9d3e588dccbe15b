using Eclusier.Core.Images;
using Eclusier.Core.Preparing;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Tests.Preparing;

public sealed class KeepTagsSpecs
{
    private static readonly string[] Names = ["web", "web1", "web-1", "web_1", "web__1", "web.1", "web-", "-web", "_web", "Web", "WEB", "wéb", "web 1", "a", "0", "___", "---", "b-", "shop-web"];

    [Fact]
    public void A_simple_name_stays_as_it_is()
    {
        Assert.Equal("eclusier/shop/web:41", KeepTags.For(StackName.Parse("shop"), "web", 41));
        Assert.Equal("eclusier/shop/web:build", KeepTags.ForBuild(StackName.Parse("shop"), "web"));
    }

    [Fact]
    public void Every_tag_is_an_image_name() => Assert.All(Names, name =>
    {
        Assert.True(ImageReference.TryParse(KeepTags.For(StackName.Parse("shop"), name, 1), out var reference), name);
        Assert.Equal("1", reference.Tag);
    });

    [Fact]
    public void Every_stack_name_gives_an_image_name() =>
        Assert.All(["a", "a-", "a_b", "a__b", "a---b", "0_", new string('x', 63)], name => Assert.True(ImageReference.TryParse(KeepTags.For(StackName.Parse(name), "web", 1), out _), name));

    [Fact]
    public void No_two_names_meet() => Assert.Equal(Names.Length, Names.Select(name => KeepTags.For(StackName.Parse("shop"), name, 1)).Distinct().Count());

    [Fact]
    public void A_tag_is_never_one_that_a_registry_has() => Assert.All(Names, name => Assert.StartsWith("eclusier/", KeepTags.For(StackName.Parse("shop"), name, 1), StringComparison.Ordinal));
}
