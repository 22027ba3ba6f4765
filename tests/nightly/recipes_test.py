# SPDX-License-Identifier: MIT
"""The project's own suite of recipes, whole, on two kernels: each is measured, or says why it is not."""

import pathlib
import sys
import tomllib
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/vm"))

import cost_test  # noqa: E402


class Recipes(cost_test.Suites):
    DEADLINE_S = 3000  # of a busy machine: an idle one takes minutes
    test_what_can_be_measured_is_and_what_cannot_says_why = None  # once is enough

    def test_the_projects_own_on_6_12(self):
        self.check("6.12")

    def test_the_projects_own_on_6_1(self):
        self.check("6.1")

    def check(self, kernel):
        recipes = tomllib.loads((SOURCE / "suites/recipes.toml").read_text())["recipe"]
        cells, rows, said = self.suite("recipes", kernel, 0)
        self.assertEqual(len(cells), len(recipes))
        for (name, target), cell in cells.items():
            (recipe,) = (one for one in recipes if one["name"] == name)
            if cell["status"] == "measured":
                self.assertGreater(rows[name, target]["figures"]["per_hit"], 50, said)
                continue
            self.assertEqual(cell["status"], "skipped", said)
            missing = "not on this machine" in cell["reason"]
            self.assertTrue(recipe.get("may_fail") or missing, f"{name} on {target}: {cell['reason']}")


if __name__ == "__main__":
    unittest.main()
