using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Tests.Stacks;

public sealed class NameRuleSpecs
{
    [Fact]
    public void A_stack_name_does_not_end_with_a_line_break()
    {
        Assert.True(StackName.TryParse("shop", out _));
        Assert.False(StackName.TryParse("shop\n", out _));
    }

    [Fact]
    public void A_commit_hash_does_not_end_with_a_line_break()
    {
        Assert.True(CommitId.TryParse(new string('a', 40), out _));
        Assert.False(CommitId.TryParse($"{new string('a', 40)}\n", out _));
    }
}
