/** Lines with the kind of each of their words: what JupyterLab and VS Code both have to see in them. */

/** @type {[string, string][]} text, and after it "word:kind" for all that has a colour */
export const LINES = [
  ["input 8x8x1", "input:statement 8x8x1:number"],
  ["input ?x64 batch=32", "input:statement ?x64:number batch:argument 32:number"],
  ["conv 16 3x3 relu same -> maxpool 2", "conv:layer 16:number 3x3:number relu:value same:value ->:operator maxpool:layer 2:number"],
  ["Conv2D 8 3 -> conv_2d 8 3 -> conv2d 8 3", "Conv2D:layer 8:number 3:number ->:operator conv_2d:layer 8:number 3:number ->:operator conv2d:layer 8:number 3:number"],
  ["softmax -> dense 10 softmax", "softmax:layer ->:operator dense:layer 10:number softmax:value"],
  ["(dense 64 relu -> dropout 0.3) * 2", "dense:layer 64:number relu:value ->:operator dropout:layer 0.3:number *:operator 2:number"],
  ["head: dense 10 softmax  # out", "head:label dense:layer 10:number softmax:value # out:comment"],
  ["  bidirectional lstm 32", "bidirectional:layer lstm:layer 32:number"],
  ["lstm 64 return_sequences", "lstm:layer 64:number return_sequences:argument"],
  ["dense 4 use_bias=false kernel_initializer=he_normal", "dense:layer 4:number use_bias:argument false:constant kernel_initializer:argument he_normal:value"],
  ['Dense(32, activation="relu"),', 'Dense:layer 32:number activation:argument "relu":string'],
  ["model.add(keras.layers.Dense(32))", "keras.layers.Dense:layer 32:number"],
  ["block vgg(f, n=2): conv f 3x3", "block:statement vgg:name conv:layer 3x3:number"],
  ["compile adam(1e-3) mse accuracy", "compile:statement adam:value 1e-3:number mse:value accuracy:value"],
  ["seed 42", "seed:statement 42:number"],
  ["dense9 x9", ""],
  ["# all of it", "# all of it:comment"],
];
