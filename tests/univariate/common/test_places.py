"""What folders of a network are called: those of a run may say which activation it has."""

import warnings

import numpy as np
import pytest

import univariate as u
from univariate.common.reading.places import names_on

LAYERS = {"fc1.weight": np.ones((3, 1)), "fc1.bias": np.zeros(3), "fc2.weight": np.ones((1, 3))}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("runs/tanh_w20/seed0/net.pt", ["the folder 'tanh_w20'"]),
        ("tanh/seed0.pt", ["the folder 'tanh'"]),
        ("results/act=tanh,w=20/net.pt", ["the folder 'act=tanh,w=20'"]),
        ("../gelu/tanh.pt", ["the folder 'gelu'", "the name 'tanh.pt'"]),
        ("lightning_logs/tanh_w20/checkpoints/last.ckpt", ["the folder 'tanh_w20'"]),
        ("/data/me/runs/siren/net.pt", ["the folder 'siren'"]),
        ("mlptanh.pt", ["the name 'mlptanh.pt'"]),
        *(
            (f"/data/me/{folder}/tanh_w20/a/net.pt", ["the folder 'tanh_w20'"])
            for folder in ("logs", "tb_logs", "models", "exps", "saved", "ray_results", "output")
        ),
        ("/data/trained_models/gelu/a/b/net.pt", ["the folder 'gelu'"]),
        ("/data/out/act=tanh/a/net.pt", ["the folder 'act=tanh'"]),
        ("/data/nets/tanh_w20/net.pt", ["the folder 'tanh_w20'"]),
        ("/data/tanh/seed_0/checkpoints/last.ckpt", ["the folder 'tanh'"]),
        # of users, projects and systems
        ("/home/tanh/gelu-project/net.pt", []),
        ("/home/tanh/gelu-project/runs/relu/net.pt", []),
        ("/tmp/pytest-of-root/pytest-3/test_a_tanh_net0/net.pt", []),
        ("/tmp/test_of_runs/gelu-project/net.pt", []),
        ("/home/tanh/net.pt", []),
        ("/home/tanh/seed0/net.pt", []),
        ("/home/tanh/nets/net.pt", []),
        ("/data/gelu-paper/net.pt", []),
        ("runs/relu_w20/net.pt", []),
        ("runs/no_tanh/net.pt", []),
        ("runs/tanhauser/net.pt", []),
        ("./net.pt", []),
        ("step_1000.pt", []),
        ("linear_probe/best.pt", []),
        ("", []),
    ],
)
def test_folders_as_typed_and_those_of_runs(path, said):
    assert names_on(path) == said


def test_files_in_folders_of_runs_warn_and_where_these_lie_does_not(tmp_path, monkeypatch):
    folder = tmp_path / "tanh-project" / "runs" / "gelu_w20"
    folder.mkdir(parents=True)
    np.savez(folder / "net.npz", **LAYERS)
    for here, path in (
        (tmp_path, folder / "net.npz"),
        (folder.parent, "gelu_w20/net.npz"),
        (folder, "net.npz"),
    ):
        monkeypatch.chdir(here)
        with pytest.warns(u.PassedOverWarning, match="has the folder 'gelu_w20' beside"):
            u.load_network(path)
    np.savez(folder.parent.parent / "net.npz", **LAYERS)
    for here, path in (
        (tmp_path, folder.parent.parent / "net.npz"),
        (folder.parent.parent, "net.npz"),
    ):
        monkeypatch.chdir(here)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            u.load_network(path)


def test_a_link_is_called_as_what_it_leads_to(tmp_path):
    folder = tmp_path / "nets" / "gelu_w20"
    folder.mkdir(parents=True)
    np.savez(folder / "silu.npz", **LAYERS)
    links = tmp_path / "latest.npz", tmp_path / "latest"
    links[0].symlink_to(folder / "silu.npz")
    links[1].symlink_to(folder)
    assert names_on(str(links[0])) == ["the folder 'gelu_w20'", "the name 'silu.npz'"]
    assert names_on(str(links[1] / "net.npz")) == ["the folder 'gelu_w20'"]
