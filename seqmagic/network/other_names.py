"""Other names: what books and other libraries call the losses, metrics, optimizers, activations and initializers of Keras.

A name that means something which Keras does not have is listed with nothing: a word that is only spelled like it would be wrong.
"""

from __future__ import annotations

SPARSE, CATEGORICAL, BINARY = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"
CROSSENTROPIES = (SPARSE, CATEGORICAL, BINARY)  # Which one fits depends on the last layer and the labels.
Names = dict[str, tuple[str, ...]]


def _named(meant: dict[tuple[str, ...], str]) -> Names:
    """The other names, each with the words of Keras that it may mean; those that fit the network are offered."""
    return {name: words for words, names in meant.items() for name in names.split()}


LOSSES = _named(
    {
        CROSSENTROPIES: "ce xent xentropy crossentropyloss nll nllloss negativeloglikelihood loglikelihood logloss deviance",
        (CATEGORICAL, SPARSE): "cce categoricalce categoricalloss catce softmaxce softmaxcrossentropy softmaxloss multinomial",
        (SPARSE,): "scce sparse sparsece sparsecce sparsecategorical sparseloss",
        (BINARY,): "binary binaryce binaryloss bceloss bincross logistic logisticloss",
        (f"{BINARY}(from_logits=true)",): "bcelogits bcewithlogits bcewithlogitsloss sigmoidcrossentropy",
        ("mse",): "mseloss rmse rootmeansquarederror l2 l2loss leastsquares sse squarederror squaredloss quadratic quadraticloss euclidean",
        ("mae",): "maeloss l1 l1loss absoluteerror absoluteloss",
        ("huber",): "huberloss smoothl1 smoothl1loss",
        ("kl_divergence",): "kl kldiv kldivloss kullbackleibler",
        ("categorical_focal_crossentropy", "binary_focal_crossentropy"): "focal focalloss",
        ("hinge", "categorical_hinge"): "svm svmloss hingeloss",
        (): "arcface contrastive contrastiveloss infonce pinball quantile quantileloss triplet tripletloss wasserstein",
    }
)
METRICS = _named(
    {
        ("root_mean_squared_error",): "rmse",
        ("r2_score",): "r2 rsquared",
        ("f1_score",): "f1 fscore",
        ("auc",): "roc rocauc aucroc auroc",
        ("auc(curve=PR)",): "prauc aucpr averageprecision",
        ("recall",): "sensitivity tpr truepositiverate hitrate",
        ("precision",): "ppv",
        ("sparse_top_k_categorical_accuracy", "top_k_categorical_accuracy"): "top5 topk top5accuracy topkaccuracy",
        ("sparse_categorical_accuracy",): "sparseacc sparseaccuracy",
        ("categorical_accuracy",): "catacc categoricalacc",
        ("binary_accuracy",): "binacc binaryacc",
        ("true_positives",): "tp",
        ("true_negatives",): "tn",
        ("false_positives",): "fp",
        ("false_negatives",): "fn",
        ("pearson_correlation",): "pearson pearsonr correlation",
        (): "balancedaccuracy brier brierscore cohenkappa confusion confusionmatrix error errorrate gmean gini jaccard kappa mcc matthews "
        "matthewscorrcoef perplexity specificity tnr",
    }
)
OPTIMIZERS = _named(
    {
        ("sgd",): "gd gradientdescent batchgradientdescent stochasticgradientdescent",
        ("sgd(momentum=0.9)",): "momentum sgdm sgdmomentum",
        ("sgd(momentum=0.9, nesterov=true)",): "nesterov nag",
        ("adamw",): "adamweightdecay adamwithweightdecay",
        ("rmsprop",): "rms rmsp",
        (): "bfgs lbfgs newton",
    }
)
ACTIVATIONS = _named(
    {
        ("leaky_relu",): "lrelu",
        ("sigmoid",): "sigm logistic expit",
        ("linear",): "identity",
        ("hard_tanh",): "htanh",
        ("tanh",): "hyperbolictangent",
        (): "heaviside binarystep step sign",
    }
)
INITIALIZERS = _named(
    {
        ("glorot_uniform", "glorot_normal"): "xavier",
        ("glorot_uniform",): "xavieruniform",
        ("glorot_normal",): "xaviernormal",
        ("he_normal", "he_uniform"): "kaiming",
        ("he_normal",): "kaimingnormal",
        ("he_uniform",): "kaiminguniform",
        ("lecun_normal",): "lecun",
        ("random_normal",): "gaussian randn",
        ("random_uniform",): "rand",
    }
)
OTHER_NAMES = {"loss": LOSSES, "metric": METRICS, "optimizer": OPTIMIZERS, "activation": ACTIVATIONS, "initializer": INITIALIZERS}
