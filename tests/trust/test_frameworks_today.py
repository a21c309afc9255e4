"""The rules of part two in PyTorch, which goes back by its own means.

Normalized layers, residual branches and a small GPT stand here as one writes them there, with the
starts that chapters 10 and 11 speak of. That model is also given the chapter's own weights: its
loss and every gradient are those that the chapter writes by hand.
"""

import math

import numpy as np
import pytest

from tests.notebooks import defined
from tests.trust.test_frameworks import MISSING

torch = pytest.importorskip("torch", reason=f"torch is {MISSING}")
nn, F = torch.nn, torch.nn.functional
EXAMPLES, WIDTH, BLOCKS = 128, 64, 32
VOCABULARY, WINDOW = 500, 64


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def he(fan_in, fan_out, gain=2**0.5):
    layer = nn.Linear(fan_in, fan_out, bias=False)
    nn.init.normal_(layer.weight, std=gain / math.sqrt(fan_in))
    return layer


def growth(networks, first, last):
    """The factor a layer of E[da²] on the way from layer ``last`` to ``first``, at the median."""
    factors = []
    for layers in networks:
        x, passed = torch.randn(EXAMPLES, WIDTH), []
        for layer in layers:
            x = layer(x)
            x.retain_grad()
            passed.append(x)
        F.cross_entropy(he(WIDTH, 10)(x), torch.randint(10, (EXAMPLES,))).backward()
        squares = [each.grad.square().mean().item() for each in passed]
        factors.append((squares[first] / squares[last]) ** (1 / (last - first)))
    return np.median(factors)


# --- chapter 10 -----------------------------------------------------------------------------------


@pytest.mark.parametrize("c", [0.1, 10.0])
def test_weights_before_a_normalization_have_no_scale(c):
    layer, x, gradients = he(WIDTH, WIDTH).double(), torch.randn(EXAMPLES, WIDTH).double(), []
    toward, hats = torch.randn(EXAMPLES, WIDTH).double(), []
    for scale in (1, c):
        W = (scale * layer.weight).detach().requires_grad_()
        hats.append(F.layer_norm(x @ W.T, (WIDTH,), eps=0))
        (hats[-1] * toward).sum().backward()
        gradients.append(W.grad)
        cosine = (W * W.grad).sum() / W.norm() / W.grad.norm()
        assert abs(cosine.item()) < 1e-12
    assert torch.allclose(*hats) and torch.allclose(gradients[0], c * gradients[1])


@pytest.mark.parametrize(
    "normalization, factor",
    [(nn.BatchNorm1d, math.pi / (math.pi - 1)), (nn.LayerNorm, 1)],
)
def test_what_a_normalized_layer_does_to_the_gradient(normalization, factor):
    networks = [
        [nn.Sequential(he(WIDTH, WIDTH), normalization(WIDTH), nn.ReLU()) for _ in range(30)]
        for _ in range(8)
    ]
    assert growth(networks, 4, 24) == pytest.approx(factor, abs=0.04)


class Block(nn.Module):
    """x + branch(x), its last layer times ``s``; normalized before the branch or after the sum."""

    def __init__(self, s, place=None):
        super().__init__()
        self.first, self.last = he(WIDTH, WIDTH, 1), he(WIDTH, WIDTH, s * math.sqrt(2))
        self.before = nn.LayerNorm(WIDTH) if place == "before" else nn.Identity()
        self.after = nn.LayerNorm(WIDTH) if place == "after" else nn.Identity()

    def forward(self, x):
        return self.after(x + self.last(F.relu(self.first(self.before(x)))))


def passed(s, place=None, networks=16):
    """By network and block: E[x²] and E[dx²]; and the first block of the last network."""
    signals, gradients = [], []
    for _ in range(networks):
        blocks = [Block(s, place) for _ in range(BLOCKS)]
        xs = [torch.randn(EXAMPLES, WIDTH, requires_grad=True)]
        for block in blocks:
            xs.append(block(xs[-1]))
            xs[-1].retain_grad()
        top = F.layer_norm(xs[-1], (WIDTH,)) if place == "before" else xs[-1]
        F.cross_entropy(he(WIDTH, 10, 1)(top), torch.randint(10, (EXAMPLES,))).backward()
        signals.append([x.square().mean().item() for x in xs])
        gradients.append([x.grad.square().mean().item() for x in xs])
    return np.array(signals), np.array(gradients), blocks[0]


def test_residual_branches_that_are_right_one_by_one_explode_together():
    signals, gradients, _ = passed(1)
    assert np.mean(signals[:, 1:] / signals[:, :-1]) == pytest.approx(2, abs=0.05)
    assert np.mean(gradients[:, :-1] / gradients[:, 1:]) == pytest.approx(2, abs=0.05)


def test_the_root_of_the_depth_keeps_them_below_e():
    signals, gradients, _ = passed(BLOCKS**-0.5)
    in_all = (1 + 1 / BLOCKS) ** BLOCKS
    assert np.mean(signals[:, -1] / signals[:, 0]) == pytest.approx(in_all, abs=0.3)
    assert np.mean(gradients[:, 0] / gradients[:, -1]) == pytest.approx(in_all, abs=0.3)


def test_zero_at_the_end_of_a_branch_keeps_all_and_learns():
    signals, gradients, block = passed(0, networks=1)
    assert np.ptp(signals) == 0 == np.ptp(gradients)
    assert not block.first.weight.grad.any()
    assert torch.linalg.matrix_rank(block.last.weight.grad) >= 5  # equal units have 1


def test_where_the_normalization_stands_decides_the_gradient_at_the_top():
    (signals, before, _), (_, after, _) = passed(1, "before"), passed(1, "after")
    assert np.mean(signals[:, -1] - signals[:, 0]) == pytest.approx(BLOCKS, rel=0.1)
    assert np.mean(after[:, -1] / before[:, -1]) == pytest.approx(BLOCKS + 1, rel=0.15)


# --- chapter 11 -----------------------------------------------------------------------------------


class Attention(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.queries, self.keys, self.values, self.end = (he(d, d) for _ in range(4))

    def forward(self, x):
        q, k, v = (way(x)[None] for way in (self.queries, self.keys, self.values))
        return self.end(F.scaled_dot_product_attention(q, k, v, is_causal=True)[0])


class GPT(nn.Module):
    """Of one head, without biases; the output's weights are the embedding."""

    def __init__(self, vocabulary, window, d, L, place="before"):
        super().__init__()
        self.embedding, self.places = nn.Embedding(vocabulary, d), nn.Embedding(window, d)
        self.branches = nn.ModuleList()
        for _ in range(L):
            thinking = nn.Sequential(he(d, 4 * d), nn.ReLU(), he(4 * d, d))
            self.branches += [Attention(d), thinking]
        self.d, self.place = d, place

    def forward(self, letters):
        x = self.embedding(letters) + self.places.weight[: len(letters)]
        before = self.place == "before"
        for branch in self.branches:
            x = x + branch(self.hat(x)) if before else self.hat(x + branch(x))
        return (self.hat(x) if before else x) @ self.embedding.weight.T

    def hat(self, x):
        return F.layer_norm(x, (self.d,), eps=0)

    def ends(self):
        """The last matrix of each branch."""
        return [b.end if isinstance(b, Attention) else b[-1] for b in self.branches]


def as_gpt2_starts(model):
    """Normal, 0.02, and the ends of the N = 2L branches over the root of N."""
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.02)
    for end in model.ends():
        nn.init.normal_(end.weight, std=0.02 / math.sqrt(len(model.branches)))
    return model


def first_loss(model):
    letters = torch.randint(VOCABULARY, (WINDOW + 1,))
    return F.cross_entropy(model(letters[:-1]), letters[1:])


@pytest.mark.parametrize("d", [16, 64, 256])
def test_scores_have_the_variance_of_the_width(d):
    scores = []
    for _ in range(8):
        x = F.layer_norm(torch.randn(EXAMPLES, d), (d,))
        scores.append(he(d, d, 1)(x) @ he(d, d, 1)(x).T)
    assert torch.stack(scores).square().mean().item() / d == pytest.approx(1, abs=0.2)


def test_the_first_loss_is_that_of_chance():
    losses = [first_loss(as_gpt2_starts(GPT(VOCABULARY, WINDOW, 64, 4))) for _ in range(4)]
    assert np.median([each.item() for each in losses]) == pytest.approx(math.log(500), abs=0.2)


def test_embeddings_of_one_at_the_output_too_begin_at_d_over_root_2():
    def start():
        model = as_gpt2_starts(GPT(VOCABULARY, WINDOW, 64, 4))
        model.embedding.reset_parameters()  # PyTorch's own, 1
        model.places.reset_parameters()
        return model

    losses = [first_loss(start()).item() for _ in range(4)]
    assert np.median(losses) == pytest.approx(64 / math.sqrt(2), rel=0.12)


def test_the_ends_of_the_branches_keep_what_they_add_to_that_of_one():
    """Undivided 2L branches add 2L times what one adds; divided, as much as one."""
    added = []
    for divided in (False, True):
        model, seen = as_gpt2_starts(GPT(VOCABULARY, WINDOW, 64, 8)), []
        for branch, end in zip(model.branches, model.ends(), strict=True):
            if not divided:
                nn.init.normal_(end.weight, std=0.02)
            branch.register_forward_hook(lambda _, __, y, seen=seen: seen.append(y))
        first_loss(model)
        added.append(sum(seen).square().mean().item())
    assert added[0] / added[1] == pytest.approx(16, rel=0.3)


@pytest.mark.parametrize("place", ["before", "after"])
def test_the_chapter_s_own_transformer(place):
    """The loss and each gradient of the model that chapter 11 writes by hand."""
    chapter = defined("11", "imports", "define-")
    P = chapter["drawn"](chapter["Runs"](start={"": chapter["start"](1)}, seed=[0]), 32, 2)
    letters = chapter["READ"][: chapter["WINDOW"] + 1]
    after = {"before": chapter["keep"], "after": chapter["normalize"]}
    loss, dP, _ = chapter["slopes"](P, letters, **(after if place == "after" else {}))

    model = GPT(len(chapter["LETTERS"]), chapter["WINDOW"], 32, 2, place)
    with torch.no_grad():
        for parameter, ours in zip(model.parameters(), as_torch_has_them(P), strict=True):
            parameter.copy_(torch.from_numpy(ours.copy()))
    letters = torch.from_numpy(letters)
    theirs = F.cross_entropy(model(letters[:-1]), letters[1:])
    theirs.backward()
    assert theirs.item() == pytest.approx(loss[0], rel=1e-5)
    for parameter, ours in zip(model.parameters(), as_torch_has_them(dP), strict=True):
        np.testing.assert_allclose(parameter.grad, ours, atol=1e-5 * np.abs(ours).max())


def as_torch_has_them(P):
    """Of one network: embeddings as they are, then weights as (fan_out, fan_in)."""
    return [each[0] if place < 2 else each[0].T for place, each in enumerate(P)]
